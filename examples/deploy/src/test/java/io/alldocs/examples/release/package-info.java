/** Builds a release as Maven Central receives it, and checks it as Maven Central and a consumer would. */
@NullMarked
package io.alldocs.examples.release;

import org.jspecify.annotations.NullMarked;
