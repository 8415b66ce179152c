/**
 * Tests of the house itself, here because this module sees every other one: the arrows between modules, and the code
 * shown in the Markdown pages. First type to open: {@link io.alldocs.house.ArchitectureTest}.
 */
@NullMarked
package io.alldocs.house;

import org.jspecify.annotations.NullMarked;
