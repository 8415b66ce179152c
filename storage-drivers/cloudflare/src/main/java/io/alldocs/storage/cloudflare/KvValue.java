package io.alldocs.storage.cloudflare;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StoredForm;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An entry prepared for storage: the value in {@link StoredForm}, whose head is also in the key's metadata if it fits.
 *
 * @param metadata as JSON in ASCII, null if the head is too large
 */
record KvValue(Body content, @Nullable String metadata) {
    /** <a href="https://developers.cloudflare.com/kv/platform/limits/">Limits</a>. */
    static final int MAX_BYTES = 25 << 20;

    /** Maximum size of the metadata as JSON (same page). A head of npm's registry has about 700 bytes. */
    static final int MAX_METADATA_BYTES = 1024;

    /** The member of the metadata that holds the head. */
    static final String MEMBER = "allDocs";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory FACTORY = JSON.getFactory();

    /** @throws IOException if the body must be inspected and cannot be read */
    static KvValue of(EntryMetadata head, Body body) throws IOException {
        String metadata = "{\"" + MEMBER + "\":" + head.toAsciiJson() + "}";
        return new KvValue(StoredForm.join(head, body), metadata.length() <= MAX_METADATA_BYTES ? metadata : null);
    }

    /**
     * Returns the head in a key's metadata; empty if there is none.
     *
     * @throws IntegrityException if the member is not a valid head
     */
    static Optional<EntryMetadata> head(@Nullable String metadata) {
        if (metadata == null || metadata.equals("null")) {
            return Optional.empty();
        }
        try {
            JsonNode head = JSON.readTree(metadata).path(MEMBER);
            return head.isMissingNode() ? Optional.empty() : Optional.of(EntryMetadata.parse(head.toString()));
        } catch (IOException e) {
            throw new IntegrityException("its metadata is not JSON", e);
        }
    }

    /**
     * Returns an element of a bulk write. Text is included as it is, other bytes in base64.
     *
     * @throws IOException if the value cannot be read, or its size differs from the declared size
     */
    byte[] pair(String name) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(content.sizeBytes())];
        read(bytes, 0);
        boolean text = isText(bytes);
        ByteArrayOutputStream pair = new ByteArrayOutputStream(bytes.length + bytes.length / 3 + 1500);
        try (JsonGenerator out = FACTORY.createGenerator(pair)) {
            out.writeStartObject();
            out.writeStringField("key", name);
            out.writeFieldName("value");
            if (text) {
                out.writeUTF8String(bytes, 0, bytes.length);
            } else {
                out.writeBinary(bytes);
                out.writeBooleanField("base64", true);
            }
            if (metadata != null) {
                out.writeFieldName("metadata");
                out.writeRawValue(metadata);
            }
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        return pair.toByteArray();
    }

    /**
     * Copies the value into an array.
     *
     * @throws IOException if the value cannot be read, or its size differs from the declared size
     */
    void read(byte[] to, int offset) throws IOException {
        int size = (int) content.sizeBytes();
        try (InputStream in = content.openStream()) {
            int count = in.readNBytes(to, offset, size);
            if (count < size || in.read() >= 0) {
                throw new EOFException(
                        "it returned " + (count < size ? "only " + count : "more") + " of " + size + " bytes");
            }
        }
    }

    /** Returns whether the bytes are valid UTF-8. */
    static boolean isText(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(1 << 13);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isOverflow()) {
                return result.isUnderflow();
            }
            out.clear();
        }
    }
}
