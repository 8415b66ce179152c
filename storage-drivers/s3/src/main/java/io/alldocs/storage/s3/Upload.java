package io.alldocs.storage.s3;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.spi.StoredForm;
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
 * One value on its way into an object: the head in the metadata and the bytes as they are, or, when the head is too large for metadata, both as the
 * object's bytes in {@link StoredForm}.
 */
final class Upload {
    private static final String UNKNOWN_TYPE = "application/octet-stream";

    /** 32 bytes in base 64. */
    private static final Pattern SHA256 = Pattern.compile("sha256-([A-Za-z0-9+/]{43}=)");

    private final EntryHead head;
    private final @Nullable Map<String, String> metadata;
    private final Body content;

    private Upload(EntryHead head, @Nullable Map<String, String> metadata, Body content) {
        this.head = head;
        this.metadata = metadata;
        this.content = content;
    }

    /** @throws IOException when the body must be looked at and cannot be read */
    static Upload of(EntryHead head, Body body) throws IOException {
        Map<String, String> metadata = Heads.metadata(head);
        return new Upload(head, metadata, metadata == null ? StoredForm.join(head, body) : body);
    }

    /** Fills in all that depends on head and body. */
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

    static String contentType(EntryHead head) {
        return head.header("content-type")
                .filter(type -> type.chars().allMatch(c -> c >= ' ' && c <= '~'))
                .orElse(UNKNOWN_TYPE);
    }

    private @Nullable String sha256() {
        var digest = SHA256.matcher(head.integrity() == null ? "" : head.integrity());
        return digest.matches() ? digest.group(1) : null;
    }

    /** Can be sent again. */
    RequestBody content() {
        return RequestBody.fromContentProvider(this::open, content.sizeBytes(), UNKNOWN_TYPE);
    }

    private InputStream open() {
        try {
            return new Source(content.openStream());
        } catch (IOException e) {
            throw new BrokenBodyException(e);
        }
    }

    /** The body cannot be read: nothing that sending again would help, so it is not an IOException to the SDK. */
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

        Source(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (IOException e) {
                throw new BrokenBodyException(e);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (IOException e) {
                throw new BrokenBodyException(e);
            }
        }

        /** The SDK opens a stream for each attempt. */
        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
