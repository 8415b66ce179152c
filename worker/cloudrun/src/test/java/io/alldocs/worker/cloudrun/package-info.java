/** Tests against processes that run as they do in the container. */
@NullMarked
package io.alldocs.worker.cloudrun;

import org.jspecify.annotations.NullMarked;
