/**
 * A storage driver for Google Cloud Storage. Start with {@link io.alldocs.storage.gcs.GcsStorageDriver}.
 *
 * <p><b>Objects</b>, for other programs. The object name of a key is the driver's prefix, the key and {@code .json}, as
 * in the JavaScript project. In keys, the characters up to {@code /} are written as {@code .} and two letters, from
 * {@code k} for 0 to {@code z} for 15. So {@code .} is {@code .my} and {@code -} is {@code .mx}. Object names therefore
 * sort like their keys. Keys of npm's own registry contain no such character. An object contains the bytes of the body
 * as they were received. It has the {@code Content-Type} of the original response, and {@code Content-Encoding: gzip}
 * if the bytes are compressed. Google decompresses them for readers that do not accept gzip. The head (the metadata of
 * the entry) is one value of custom metadata, {@code alldocs-head}, which contains the JSON of
 * {@link io.alldocs.cache.entry.EntryMetadata} in ASCII. Google allows 8 KiB of such metadata. A larger head (no
 * registry response has produced one yet) is stored before the body in the object, in the form of
 * {@link io.alldocs.cache.spi.StoredForm}. The metadata then contains no head. An object that another program stored
 * under such a name, including the JavaScript project, is read as a bare body. With {@code ENTRY_FORMAT=json} the
 * workers of the JavaScript project can read the objects written here.
 *
 * <p><b>Reads take one request.</b> Google sends custom metadata as headers of a download (<a
 * href="https://cloud.google.com/storage/docs/json_api/v1/parameters">X-Goog-Meta-KEY</a>), but the SDK's
 * {@code reader} does not expose them. Downloads therefore use the request classes below the SDK, with its transport,
 * credentials and retries. If the headers contain no head, the driver fetches the metadata of the same generation of
 * the object. Listings and deletions use the same classes, because the SDK cannot detect a response of another server.
 * It reads {@code {}} as an empty listing, and any successful status as a deletion.
 *
 * <p><b>Retries.</b> Only the SDK retries (6 attempts within 50 seconds, exponential backoff with jitter), because it
 * can interpret Google's errors. A client that you pass uses its own retry settings. By default the SDK does not retry
 * an unconditional write. The clients that the driver creates retry it, because repeating a {@code put} stores the same
 * value. The driver receives an object's bytes inside the attempt, so a truncated response is retried too. The driver
 * itself does not retry failures, because the SDK has already retried them before it throws an exception.
 * {@code retryable()} indicates whether a later attempt may succeed. Two kinds of requests are resent. The first is a
 * conditional write that conflicted with another write, because a conflict is a response and not a failure. The second
 * is the deletion of keys that a batch did not complete, because the SDK sends a batch only once. They are deleted one
 * at a time. (Below the SDK, the JDK's HttpURLConnection retries once, immediately, if a kept-alive connection turns
 * out to be closed.)
 *
 * <p><b>Checksums.</b> The SDK sends a CRC32C of every body for Google to verify. On reads,
 * {@link io.alldocs.cache.Cache} verifies the sha256 in the head for all drivers.
 *
 * <p><b>Connections.</b> The SDK's transport is the JDK's HttpURLConnection, which keeps five idle connections per
 * host. With more threads than that, start the JVM with, for example, {@code -Dhttp.maxConnections=16}.
 *
 * <p><b>Limitations.</b> The driver creates no buckets and sets no storage class, encryption or life cycle; the
 * settings of the bucket apply. It does not support gRPC, whose libraries this artifact excludes. Google accepts about
 * <a href="https://cloud.google.com/storage/quotas#objects">one write per second</a> to the same object; further writes
 * receive a 429 and are retried.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.gcs;

import org.jspecify.annotations.NullMarked;
