/**
 * A storage driver for Amazon S3 and for stores that speak its API. Open {@link io.alldocs.storage.s3.S3StorageDriver} first.
 *
 * <p><b>Objects</b>, for other programs. The object of a key is named by the driver's prefix, the key and {@code !.json}; in keys, the characters up to
 * {@code %} are written as {@code %} and two hex digits, {@code .} and {@code /} as {@code .2e} and {@code .2f}. So names have the order of their
 * keys, and {@code a} and {@code a/b} may both be keys even where objects are files. An object's bytes are the body's as they were received, with
 * the {@code Content-Type} of the answer that brought them and {@code Content-Encoding: gzip} when they are compressed: browsers and
 * {@code curl --compressed} show the document, {@code aws s3 cp} copies the compressed bytes. The head is one line of user metadata,
 * {@code x-amz-meta-alldocs-head}, the JSON of EntryHead in ASCII. S3 keeps 2 KB of metadata: a head that is larger (no answer of a registry
 * brought one yet) stands before the body in the object, in the form of {@link io.alldocs.cache.spi.StoredForm}, and there is no head in the
 * metadata. An object that others put under such a name is read as a bare body.
 *
 * <p><b>Retries</b> are the SDK's alone ("standard": 3 attempts, growing waits with jitter, a budget that stops it when the store is down): it knows
 * which of its requests can be sent again, and what S3 says about waiting. The driver's bodies can be read again, and an object's bytes are received
 * inside the SDK's attempt, so a broken answer is asked for again too. The driver tries nothing again that failed; what it throws has been retried,
 * and {@code retryable()} says whether later may help. (Below the SDK, the JDK's HttpURLConnection asks once more, at once and for other than PUT,
 * when a connection it had kept turns out to be closed.) What it does send again is a conditional write that met another one, which is an answer
 * and no failure.
 *
 * <p><b>Checksums.</b> The SDK's default, a CRC32 of every body in a trailer, would make of each body chunks that some stores cannot read, and compute what is
 * already known: the head holds the body's sha256, which is sent as {@code x-amz-checksum-sha256} for the store to verify. On the way back {@link
 * io.alldocs.cache.Cache} compares the digest, once for all drivers. Over plain http the signature covers the body, which is read once more for it.
 *
 * <p><b>What it refuses.</b> It makes no buckets, sets no storage class, encryption or life cycle (the bucket's own settings do), and sends no object in
 * parts. A client of yours brings its own retries and checksums.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.s3;

import org.jspecify.annotations.NullMarked;
