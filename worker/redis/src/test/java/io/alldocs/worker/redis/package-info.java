/** Tests of the queue on Redis, against a real server. */
@NullMarked
package io.alldocs.worker.redis;

import org.jspecify.annotations.NullMarked;
