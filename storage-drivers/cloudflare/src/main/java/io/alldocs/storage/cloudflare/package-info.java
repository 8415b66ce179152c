/**
 * Storage driver for Cloudflare Workers KV. Start with {@link io.alldocs.storage.cloudflare.CloudflareStorageDriver}.
 * The driver calls Cloudflare's REST API, so it runs wherever a JVM runs; a Worker cannot run a JVM.
 *
 * <p><b>Values</b>, for other programs. The name of a key is the driver's prefix and the key. Only characters that are
 * not allowed in a name are escaped. Those up to {@code !} (controls, space) are written as {@code !} and two letters
 * from {@code a} to {@code p}. The names {@code .} and {@code ..} get a {@code !} appended. With
 * {@code ENTRY_FORMAT=json}, the default here, a value has the JavaScript project's format: an edge worker reads it
 * with {@code kv.get(key, 'json')}. Otherwise it has the form of {@link io.alldocs.cache.spi.StoredForm}. The head is
 * the metadata of the entry ({@link io.alldocs.cache.entry.EntryMetadata}). It is also stored in the key's metadata, as
 * the member {@code allDocs}, if it fits Cloudflare's limit of 1,024 bytes. A value that another program stored is read
 * as a bare body.
 *
 * <p><b>Requests.</b> An account has <a
 * href="https://developers.cloudflare.com/fundamentals/api/reference/limits/">1,200 requests in five minutes</a> for
 * all of its tools. The driver therefore starts at most 3.5 requests per second and combines calls. While a request is
 * in flight or waits for the rate limit, puts accumulate for the next bulk write (up to 10,000 values). Gets accumulate
 * in the same way for the next bulk read (up to 100 values). A put returns only after its own value is stored.
 *
 * <p><b>Retries.</b> Only the HTTP client retries ({@link io.alldocs.http.BaseHttpClient}: 5 attempts, exponential
 * backoff with full jitter, the limiter of its host). All API requests used here are idempotent. The driver itself
 * resends only the items that a response reports as not done, because such a response is not a failure. If a bulk write
 * is too large or contains a rejected value, the driver splits it into halves. One value then does not fail the others.
 *
 * <p><b>The token</b> is sent only to the endpoint, over https (or to this machine). A redirect to another host does
 * not carry it, and no message or log line contains it.
 *
 * <p><b>Limitations.</b> The driver creates no namespaces and sets no time to live.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.cloudflare;

import org.jspecify.annotations.NullMarked;
