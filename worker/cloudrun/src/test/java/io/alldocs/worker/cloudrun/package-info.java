/** Tests against processes that run as the container runs them. */
@NullMarked
package io.alldocs.worker.cloudrun;

import org.jspecify.annotations.NullMarked;
