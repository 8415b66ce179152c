package io.alldocs.storage.cloudflare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A value and its metadata as a two-part form (RFC 7578), which the API expects for one key. The value has a file name;
 * otherwise the API would treat it as text.
 */
@SuppressWarnings("ArrayRecordComponent") // passed through, never compared
record Multipart(String contentType, byte[] bytes) {

    /** @throws IOException if the value cannot be read, or its size differs from the declared size */
    static Multipart of(KvValue value) throws IOException {
        String boundary = "all-docs-" + UUID.randomUUID();
        byte[] before = ascii(metadataPart(boundary, value.metadata()) + "--" + boundary
                + "\r\nContent-Disposition: form-data; name=\"value\"; filename=\"value\""
                + "\r\nContent-Type: application/octet-stream\r\n\r\n");
        byte[] after = ascii("\r\n--" + boundary + "--\r\n");
        byte[] form = new byte[Math.toIntExact(before.length + value.content().sizeBytes() + after.length)];
        System.arraycopy(before, 0, form, 0, before.length);
        value.read(form, before.length);
        System.arraycopy(after, 0, form, form.length - after.length, after.length);
        return new Multipart("multipart/form-data; boundary=" + boundary, form);
    }

    private static String metadataPart(String boundary, @Nullable String metadata) {
        return metadata == null
                ? ""
                : "--" + boundary + "\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n" + metadata + "\r\n";
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
