/**
 * The work queue of a fleet, on Redis 6.2 or later: {@link io.alldocs.worker.redis.RedisWorkQueue}, open it first. The module's README compares it with BullMQ
 * and says what an operator should know.
 *
 * <p><b>Keys</b> of a queue begin with {@code all-docs:{name}:}; the braces put them on one node of a cluster. {@code items} is a hash of all items that are not
 * dead, by id: {@code failures lost priority typeBytes type payload}. Each id stands in one sorted set beside it: {@code waiting} by priority and place in the
 * order; {@code delayed} by the millisecond when it is due (behind twelve digits of order); {@code active} by the millisecond when its lease runs out (behind the
 * token of the lease, and the score to wait with again); or {@code dead} by the order of giving up, and then the item is in the hash {@code letters}, behind
 * millisecond and reason. {@code state} is a hash of counters, the pause and the window of the rate limit. None has a time to live. {@code events} is a channel:
 * {@code wake}, {@code pause end left}.
 *
 * <p><b>Order.</b> The score of what waits is {@code place - priority · 2^33}: of 2,000,001 priorities and 2^33 places each, all are whole numbers that a double
 * holds. Places count from 0 again whenever the queue is empty; after 2^33 additions to a queue that never was, priorities would run into each other, and
 * nothing else would happen.
 *
 * <p><b>Leases that ran out</b> and delayed items that are due are moved, 500 of each at most, by the calls that hand out or add; the time of all is the
 * server's.
 *
 * <p><b>What it refuses.</b> It starts no server, keeps no results of what is done, and evicts nothing: where Redis may throw away keys it does not work, unless
 * told to.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.redis;

import org.jspecify.annotations.NullMarked;
