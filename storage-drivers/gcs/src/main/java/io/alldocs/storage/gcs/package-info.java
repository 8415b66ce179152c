/**
 * A storage driver for Google Cloud Storage. Open {@link io.alldocs.storage.gcs.GcsStorageDriver} first.
 *
 * <p><b>Objects</b>, for other programs. The object of a key is named by the driver's prefix, the key and {@code .json}, as the JavaScript project names
 * it; in keys, the characters up to {@code /} are written as {@code .} and two letters ({@code k} is 0, {@code z} is 15; so {@code .} is {@code .my} and
 * {@code -} is {@code .mx}), and names have the order of their keys. Keys of npm's own registry hold no such character. An object's bytes are the
 * body's as they were received, with the {@code Content-Type} of the answer that brought them and {@code Content-Encoding: gzip} when they are
 * compressed: Google decompresses them for readers that do not ask for gzip. The head is one value of custom metadata, {@code alldocs-head}, the JSON
 * of EntryHead in ASCII. Google keeps 8 KiB of such metadata: a head that is larger (no answer of a registry brought one yet) stands before the body
 * in the object, in the form of {@link io.alldocs.cache.spi.StoredForm}, and there is no head in the metadata. An object that others put under such a
 * name is read as a bare body, and so are the JavaScript project's; with {@code ENTRY_FORMAT=json} its workers can read what is written here.
 *
 * <p><b>Reading is one request.</b> Google sends custom metadata as headers of a download
 * (<a href="https://cloud.google.com/storage/docs/json_api/v1/parameters">X-Goog-Meta-KEY</a>), which the SDK's {@code reader} does not show. Downloads
 * therefore use the request classes under the SDK, with its transport, credentials and retries. If there is no head in the headers, the metadata are
 * asked for, of the same generation of the object.
 *
 * <p><b>Retries</b> are the SDK's alone (6 attempts within 50 seconds, growing waits with jitter): it knows Google's errors, and a client of yours brings
 * its own. The SDK alone would not send an unconditional write again; the driver's own clients do, since a {@code put} that is done twice has stored
 * the same value. An object's bytes are received inside the attempt, so a broken answer is asked for again too. The driver tries nothing again that
 * failed; what it throws has been retried, and {@code retryable()} says whether later may help. What it does send again is a conditional write that met
 * another one, which is an answer and no failure, and, one by one, what a batch of deletions left undone: the SDK sends a batch once. (Below the SDK,
 * the JDK's HttpURLConnection asks once more, at once, when a connection it had kept turns out to be closed.)
 *
 * <p><b>Checksums.</b> The SDK sends a CRC32C of every body for Google to verify. On the way back {@link io.alldocs.cache.Cache} compares the sha256 in
 * the head, once for all drivers.
 *
 * <p><b>Connections.</b> The SDK's transport is the JDK's HttpURLConnection, which keeps five idle connections for a host: with more threads than that,
 * start the JVM with {@code -Dhttp.maxConnections=16} or so.
 *
 * <p><b>What it refuses.</b> It makes no buckets and sets no storage class, encryption or life cycle (the bucket's own settings do), and it does not speak
 * gRPC, whose libraries this artifact leaves out. Google takes about <a href="https://cloud.google.com/storage/quotas#objects">one write a second</a> of
 * the same object; more are answered with 429 and retried.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.gcs;

import org.jspecify.annotations.NullMarked;
