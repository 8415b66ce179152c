/** A read-only npm registry over a cache. */
@NullMarked
package io.alldocs.worker.mirror;

import org.jspecify.annotations.NullMarked;
