/**
 * Storage drivers for Fastly: its KV Store ({@link io.alldocs.storage.fastly.FastlyStorageDriver}, open it first), and, for reading only, its config stores and
 * dictionaries ({@link io.alldocs.storage.fastly.FastlyConfigStoreDriver}). They ask Fastly's REST API, so they run wherever a JVM does; inside Fastly Compute
 * none does.
 *
 * <p><b>Items</b>, for other programs. The item of a key is named by the driver's prefix and the key: keys of npm's own registry are names as they are. In other
 * keys each byte of a character outside letters, digits and {@code - . _ ~ :} is written as {@code !} and two hex digits, as far as it is ASCII; so is a dot that
 * the key begins with. With {@code ENTRY_FORMAT=json}, the default here, a value is the JavaScript project's: a worker reads it with {@code kv.get(key)} and
 * {@code entry.json()}. Else it is the body's bytes as they were received, which may be gzip. The head is in the item's metadata, as JSON in ASCII, which may
 * begin with the member {@code write}, the name of a conditional write. Fastly keeps 2,000 bytes of metadata: a head that is larger (hardly any answer of a
 * registry brings one) stands before the body in the value, in the form of {@link io.alldocs.cache.spi.StoredForm}, and there is no head in the metadata. An item
 * that others wrote is read as a bare body, and so are the JavaScript project's.
 *
 * <p><b>Heads</b> come with the first 16 bytes of their values: Fastly documents no request for metadata alone, and a range may be asked of any server. Where it
 * is passed over, the rest of the value is not read.
 *
 * <p><b>Retries</b> are the HTTP client's alone ({@link io.alldocs.http.BaseHttpClient}: 5 attempts, growing waits with full jitter, its host's limiter): each of
 * the API's requests used here may be sent twice, a conditional one too, since its value names the write. A broken answer is asked for again, because values are
 * received inside the attempt. The driver tries nothing again that failed; what it throws has been retried, and {@code retryable()} says whether later may help. What
 * it does send again is a conditional write that met another one, which is an answer and no failure, and, one by one, what a batch left undone.
 *
 * <p><b>Limits of the API.</b> Fastly takes <a href="https://www.fastly.com/documentation/reference/api/#rate-limiting">1,000 writes an hour</a> of one user, unless more
 * was agreed; reads are not limited. A batch of 100 values is one write: use {@code putBatch}, or agree on more, before anything of the registry's size. A refusal
 * (429) names the end of its hour, until which a client of the driver's own sends nothing more to Fastly; a client of yours halves its rate.
 *
 * <p><b>The token</b> goes to the endpoint alone, over https (or to this machine), as {@code Fastly-Key}; a redirect elsewhere does not carry it, and no message or log
 * line shows it.
 *
 * <p><b>What it refuses.</b> It makes no stores, links none to services, sets no time to live, and purges nothing.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.fastly;

import org.jspecify.annotations.NullMarked;
