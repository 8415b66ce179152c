package io.alldocs.storage.s3;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StoredForm;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * A value prepared for upload. The head goes into the metadata and the body into the object. If the head is too large
 * for metadata, the object contains both in {@link StoredForm}.
 */
final class Upload {
    private static final String UNKNOWN_TYPE = "application/octet-stream";

    /** 32 bytes in base64. */
    private static final Pattern SHA256 = Pattern.compile("sha256-([A-Za-z0-9+/]{43}=)");

    private final EntryMetadata head;
    private final @Nullable Map<String, String> metadata;
    private final Body content;

    private Upload(EntryMetadata head, @Nullable Map<String, String> metadata, Body content) {
        this.head = head;
        this.metadata = metadata;
        this.content = content;
    }

    /** @throws IOException if the body must be inspected and cannot be read */
    static Upload of(EntryMetadata head, Body body) throws IOException {
        Map<String, String> metadata = Heads.metadata(head);
        return new Upload(head, metadata, metadata == null ? StoredForm.join(head, body) : body);
    }

    /** Sets all request fields that depend on the head and the body. */
    PutObjectRequest.Builder describe(PutObjectRequest.Builder request) {
        request.contentLength(content.sizeBytes());
        if (metadata == null) {
            return request.contentType(UNKNOWN_TYPE);
        }
        return request.metadata(metadata)
                .contentType(contentType(head))
                .contentEncoding(head.encoding())
                .checksumSHA256(sha256());
    }

    static String contentType(EntryMetadata head) {
        return head.header("content-type")
                .filter(type -> type.chars().allMatch(c -> c >= ' ' && c <= '~'))
                .orElse(UNKNOWN_TYPE);
    }

    private @Nullable String sha256() {
        var digest = SHA256.matcher(head.integrity() == null ? "" : head.integrity());
        return digest.matches() ? digest.group(1) : null;
    }

    /** Returns a repeatable request body. */
    RequestBody content() {
        return RequestBody.fromContentProvider(this::open, content.sizeBytes(), UNKNOWN_TYPE);
    }

    private InputStream open() {
        try {
            return new Source(content.openStream(), content.sizeBytes());
        } catch (IOException e) {
            throw new BrokenBodyException(e);
        }
    }

    /**
     * Thrown when the body cannot be read. It is not an IOException, because the SDK would retry that, and a retry
     * cannot help.
     */
    static final class BrokenBodyException extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        private final IOException reason;

        BrokenBodyException(IOException reason) {
            super(reason);
            this.reason = reason;
        }

        IOException reason() {
            return reason;
        }
    }

    private static final class Source extends FilterInputStream {
        private final long sizeBytes;
        private long position;

        Source(InputStream in, long sizeBytes) {
            super(in);
            this.sizeBytes = sizeBytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int count = super.read(bytes, offset, length);
                if (count < 0 && position < sizeBytes) {
                    throw new EOFException("it gave " + position + " of " + sizeBytes + " bytes");
                }
                position += Math.max(count, 0);
                return count;
            } catch (IOException e) {
                throw new BrokenBodyException(e);
            }
        }

        /** Returns false, because the SDK opens a new stream for each attempt. */
        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
