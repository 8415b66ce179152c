package io.alldocs.storage.cloudflare;

import io.alldocs.cache.Body;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A value and its metadata as the form of two parts (RFC 7578) that the API takes for one key. The value is named as a file: otherwise it would be taken
 * for text.
 */
@SuppressWarnings("ArrayRecordComponent") // handed through, never compared
record Multipart(String contentType, byte[] bytes) {

    /** @throws IOException when the value cannot be read, or has another size than it says */
    static Multipart of(KvValue value) throws IOException {
        String boundary = "all-docs-" + UUID.randomUUID();
        byte[] before = ascii(metadataPart(boundary, value.metadata()) + "--" + boundary
                + "\r\nContent-Disposition: form-data; name=\"value\"; filename=\"value\""
                + "\r\nContent-Type: application/octet-stream\r\n\r\n");
        byte[] after = ascii("\r\n--" + boundary + "--\r\n");
        Body content = value.content();
        byte[] form = new byte[Math.toIntExact(before.length + content.sizeBytes() + after.length)];
        System.arraycopy(before, 0, form, 0, before.length);
        read(content, form, before.length);
        System.arraycopy(after, 0, form, form.length - after.length, after.length);
        return new Multipart("multipart/form-data; boundary=" + boundary, form);
    }

    private static String metadataPart(String boundary, @Nullable String metadata) {
        return metadata == null
                ? ""
                : "--" + boundary + "\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n" + metadata + "\r\n";
    }

    /** Exactly what the body says it has. */
    static void read(Body body, byte[] to, int offset) throws IOException {
        int size = (int) body.sizeBytes();
        try (InputStream in = body.openStream()) {
            int count = in.readNBytes(to, offset, size);
            if (count < size || in.read() >= 0) {
                throw new EOFException("it gave " + (count < size ? "" + count : "more") + " of " + size + " bytes");
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
