/**
 * Storage drivers for Fastly. Start with {@link io.alldocs.storage.fastly.FastlyStorageDriver}, the driver for the KV
 * Store. {@link io.alldocs.storage.fastly.FastlyConfigStoreDriver} reads config stores and dictionaries. The drivers
 * call Fastly's REST API, so they run wherever a JVM runs; Fastly Compute cannot run a JVM.
 *
 * <p><b>Items</b>, for other programs. The item name of a key is the driver's prefix and the key; keys of npm's own
 * registry need no escapes. In other keys, each byte of an ASCII character outside letters, digits and
 * {@code - . _ ~ :} is written as {@code !} and two hex digits, and so is a leading dot of the key. With
 * {@code ENTRY_FORMAT=json}, the default here, a value has the JavaScript project's format: a worker reads it with
 * {@code kv.get(key)} and {@code entry.json()}. Otherwise it contains the bytes of the body as they were received,
 * which may be gzip. The head (the metadata of the entry, {@link io.alldocs.cache.entry.EntryMetadata}) is stored in
 * the item's metadata, as JSON in ASCII. The JSON may begin with the member {@code write}, the name of a conditional
 * write. Fastly allows 2,000 bytes of metadata. A larger head (rare for registry responses) is stored before the body
 * in the value, in the form of {@link io.alldocs.cache.spi.StoredForm}. The metadata then contains no head. An item
 * that another program stored, including the JavaScript project, is read as a bare body.
 *
 * <p><b>Heads.</b> The driver reads a head together with the first 16 bytes of its value. Fastly documents no request
 * for metadata alone, but HTTP allows a request for a range of the value. If a server ignores the range, the driver
 * does not read the rest of the value.
 *
 * <p><b>Retries.</b> Only the HTTP client retries ({@link io.alldocs.http.BaseHttpClient}: 5 attempts, exponential
 * backoff with full jitter, the limiter of its host). All API requests used here may be repeated. This includes
 * conditional writes, because the stored metadata identifies the write that created the item. The driver receives
 * values inside the attempt, so a truncated response is retried too. The driver itself does not retry failures, because
 * the client has already retried them before it throws an exception. {@code retryable()} indicates whether a later
 * attempt may succeed. Two kinds of requests are resent. The first is a conditional write that conflicted with another
 * write, because a conflict is a response and not a failure. The second is the write of items that a batch did not
 * complete; they are written one at a time.
 *
 * <p><b>Limits of the API.</b> Fastly allows <a
 * href="https://www.fastly.com/documentation/reference/api/#rate-limiting">1,000 writes per hour</a> and user, unless
 * you agreed on more; reads are not limited. A batch of 100 values counts as one write. To store data of the size of
 * the registry, use {@code putBatch} or agree on a higher limit with Fastly. A 429 response names the end of the hour.
 * The driver's own client sends no further requests to Fastly until then; a client that you pass halves its rate.
 *
 * <p><b>The token</b> is sent only to the endpoint, over https (or to this machine), as {@code Fastly-Key}. A redirect
 * to another host does not carry it, and no message or log line contains it.
 *
 * <p><b>Limitations.</b> The drivers create no stores, link no stores to services, set no time to live, and purge
 * nothing.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.fastly;

import org.jspecify.annotations.NullMarked;
