/** Tests of the Redis queue against a real server. */
@NullMarked
package io.alldocs.worker.redis;

import org.jspecify.annotations.NullMarked;
