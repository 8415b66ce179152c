/**
 * Storage driver for Cloudflare Workers KV ({@link io.alldocs.storage.cloudflare.CloudflareStorageDriver}, open it first). It asks Cloudflare's REST API, so it runs
 * wherever a JVM does; inside a Worker none does.
 *
 * <p><b>Values</b>, for other programs. The name of a key is the driver's prefix and the key. Only characters that cannot stand in a name are written otherwise: those
 * up to {@code !} (controls, space) as {@code !} and two letters from {@code a} to {@code p}, and {@code .} and {@code ..} with a {@code !} behind them. With {@code
 * ENTRY_FORMAT=json}, the default here, a value is the JavaScript project's: an edge worker reads it with {@code kv.get(key, 'json')}. Else it is in {@link
 * io.alldocs.cache.spi.StoredForm}. The head is in the key's metadata too, as the member {@code allDocs}, where it fits Cloudflare's 1,024 bytes. A value that others
 * wrote is read as a bare body.
 *
 * <p><b>Requests.</b> An account has <a href="https://developers.cloudflare.com/fundamentals/api/reference/limits/">1,200 requests in five minutes</a> for all of its
 * tools, so the driver starts 3.5 a second and lets calls share them: while one request is under way, or may not start yet, puts gather for the next bulk write (up
 * to 10,000 values) and gets for the next bulk read (100). A put returns when its own value is stored, never before.
 *
 * <p><b>Retries</b> are the HTTP client's alone ({@link io.alldocs.http.BaseHttpClient}: 5 attempts, growing waits with full jitter, its host's limiter): each of the
 * API's requests used here may be sent twice. What the driver does send again is what an answer names as left undone, which is an answer and no failure; a bulk write
 * that is too large or holds a value that is refused goes in halves, so that one value does not take the others with it.
 *
 * <p><b>The token</b> goes to the endpoint alone, over https (or to this machine); a redirect elsewhere does not carry it, and no message or log line shows it.
 *
 * <p><b>What it refuses.</b> It makes no namespaces and sets no time to live.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.cloudflare;

import org.jspecify.annotations.NullMarked;
