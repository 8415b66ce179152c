/**
 * A work queue for a fleet of workers, on Redis 6.2 or later. Start with
 * {@link io.alldocs.worker.redis.RedisWorkQueue}. The module's README compares the queue with BullMQ and has
 * instructions for operators.
 *
 * <p><b>Keys</b> of a queue begin with {@code all-docs:{name}:}; the braces put them on one node of a cluster.
 * {@code items} is a hash of all items that are not dead, by id: {@code failures lost priority typeBytes type payload}.
 * Each id is also in exactly one sorted set. {@code waiting} is sorted by priority and position in the order.
 * {@code delayed} is sorted by the millisecond when an item becomes due; its members start with twelve digits of order.
 * {@code active} is sorted by the millisecond when a lease expires. Its members start with the token of the lease and
 * the score to requeue with. {@code dead} is sorted by the order in which items were given up. The item is then in the
 * hash {@code letters}, after the millisecond and the reason. {@code state} is a hash of counters, the pause and the
 * window of the rate limit. No key has a time to live. {@code events} is a channel: {@code wake},
 * {@code pause end left}.
 *
 * <p><b>Order.</b> The score of a waiting item is {@code place - priority · 2^33}. There are 2,000,001 priorities with
 * 2^33 places each, and all scores are integers that a double represents exactly. Places restart at 0 whenever the
 * queue is empty. If a queue receives 2^33 items without ever being empty, priorities overlap; there is no other
 * effect.
 *
 * <p><b>Expired leases</b> and delayed items that are due are moved by the calls that reserve or add, at most 500 of
 * each per call. All times are those of the server.
 *
 * <p><b>Limitations.</b> The queue starts no server, keeps no results of completed items, and evicts nothing. By
 * default it rejects a Redis server that may evict keys.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.redis;

import org.jspecify.annotations.NullMarked;
