/** Builds a release in the form that Maven Central receives, and checks it as Maven Central and a consumer do. */
@NullMarked
package io.alldocs.examples.release;

import org.jspecify.annotations.NullMarked;
