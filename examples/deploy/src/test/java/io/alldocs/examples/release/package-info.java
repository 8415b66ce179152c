/**
 * Builds a release in the form that Maven Central receives. Checks the release as Maven Central does, and uses it as a
 * consumer does.
 */
@NullMarked
package io.alldocs.examples.release;

import org.jspecify.annotations.NullMarked;
