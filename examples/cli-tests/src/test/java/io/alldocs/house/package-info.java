/**
 * Tests of the repository itself: the dependencies between modules, and the code in the Markdown pages. They are in
 * this module because it depends on all others. Open {@link io.alldocs.house.ArchitectureTest} first.
 */
@NullMarked
package io.alldocs.house;

import org.jspecify.annotations.NullMarked;
