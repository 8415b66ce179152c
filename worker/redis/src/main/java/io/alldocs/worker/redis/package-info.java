/** The work queue of a fleet, on Redis 6.2 or later. */
@NullMarked
package io.alldocs.worker.redis;

import org.jspecify.annotations.NullMarked;
