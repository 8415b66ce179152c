/**
 * A storage driver for Amazon S3 and S3-compatible stores. Start with {@link io.alldocs.storage.s3.S3StorageDriver}.
 *
 * <p><b>Objects</b>, for other programs. The object name of a key is the driver's prefix, the key and {@code !.json}.
 * In keys, the characters up to {@code %} are written as {@code %} and two hex digits, and {@code .} and {@code /} as
 * {@code .2e} and {@code .2f}. Object names therefore sort like their keys, and {@code a} and {@code a/b} may both be
 * keys even in stores that keep objects as files. An object contains the bytes of the body as they were received. It
 * has the {@code Content-Type} of the original response, and {@code Content-Encoding: gzip} if the bytes are
 * compressed. Browsers and {@code curl --compressed} show the document, {@code aws s3 cp} copies the compressed bytes.
 * The head (the metadata of the entry) is one line of user metadata, {@code x-amz-meta-alldocs-head}, which contains
 * the JSON of {@link io.alldocs.cache.entry.EntryMetadata} in ASCII. S3 allows 2 KB of metadata. A larger head (no
 * registry response has produced one yet) is stored before the body in the object, in the form of
 * {@link io.alldocs.cache.spi.StoredForm}. The metadata then contains no head. An object that another program stored
 * under such a name is read as a bare body.
 *
 * <p><b>Retries.</b> Only the SDK retries, in its "standard" mode: 3 attempts, exponential backoff with jitter, and a
 * retry quota. The quota stops retries when the store is down. The SDK knows which requests are safe to retry and how
 * to interpret S3's throttling responses. The driver's request bodies are repeatable, and it receives an object's bytes
 * inside the SDK's attempt, so a truncated response is retried too. The driver itself does not retry failures, because
 * the SDK has already retried them before it throws an exception. {@code retryable()} indicates whether a later attempt
 * may succeed. Below the SDK, the JDK's HttpURLConnection retries requests other than PUT once, immediately, if a
 * kept-alive connection turns out to be closed. The driver itself resends a conditional write that conflicted with
 * another write, because a conflict is a response and not a failure.
 *
 * <p><b>Checksums.</b> By default the SDK sends a CRC32 of every body in a trailer. This would turn each body into
 * chunks that some stores cannot read. It is also redundant: the head contains the sha256 of the body, which the driver
 * sends as {@code x-amz-checksum-sha256} for the store to verify. On reads, {@link io.alldocs.cache.Cache} verifies the
 * digest for all drivers. Over plain http the signature covers the body, which is therefore read a second time.
 *
 * <p><b>Limitations.</b> The driver creates no buckets and sets no storage class, encryption or life cycle; the
 * settings of the bucket apply. It does not use multipart uploads. If you pass your own client, its retry and checksum
 * settings apply.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.s3;

import org.jspecify.annotations.NullMarked;
