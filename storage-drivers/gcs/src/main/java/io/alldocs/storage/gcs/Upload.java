package io.alldocs.storage.gcs;

import com.google.cloud.WriteChannel;
import com.google.cloud.storage.Blob;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.BlobInfo;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.BlobTargetOption;
import com.google.cloud.storage.Storage.BlobWriteOption;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StoredForm;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value prepared for upload. The head goes into the metadata and the body into the object. If the head is too large
 * for metadata, the object contains both in {@link StoredForm}.
 */
final class Upload {
    /**
     * Larger bodies use several requests: <a
     * href="https://cloud.google.com/storage/docs/uploads-downloads#uploads">Google's recommendation</a>.
     */
    static final int MAX_SINGLE_BYTES = 8 << 20;

    /** Size of one request of a larger body; the SDK buffers it for retries. */
    private static final int CHUNK_BYTES = 2 << 20;

    /** Also the type of a body without a head, since the cache stores JSON. */
    static final String JSON_TYPE = "application/json";

    private static final String JOINED_TYPE = "application/octet-stream";

    private final BlobInfo object;
    private final Body content;

    private Upload(BlobInfo object, Body content) {
        this.object = object;
        this.content = content;
    }

    /**
     * @param write for {@link Heads#WRITE}, or null
     * @throws IOException if the body must be inspected and cannot be read
     */
    static Upload of(BlobId id, EntryMetadata head, Body body, @Nullable String write) throws IOException {
        String value = Heads.value(head);
        BlobInfo.Builder object = BlobInfo.newBuilder(id).setMetadata(Heads.metadata(value, write));
        if (value == null) {
            return new Upload(object.setContentType(JOINED_TYPE).build(), StoredForm.join(head, body));
        }
        object.setContentType(contentType(head));
        if (head.encoding() != null) {
            object.setContentEncoding(head.encoding());
        }
        return new Upload(object.build(), body);
    }

    static String contentType(EntryMetadata head) {
        return head.header("content-type")
                .filter(type -> type.chars().allMatch(c -> c >= ' ' && c <= '~'))
                .orElse(JSON_TYPE);
    }

    /** Thrown when the body cannot be read. */
    static final class BrokenBodyException extends RuntimeException {
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

    /**
     * @param generation of the object to replace, 0 for none, null for any
     * @return the description that Google returned; empty for a large body, whose description the SDK keeps
     * @throws IOException from the SDK, if the upload fails
     */
    Optional<Blob> send(Storage client, @Nullable Long generation) throws IOException {
        if (content.sizeBytes() <= MAX_SINGLE_BYTES) {
            return Optional.of(sendAtOnce(client, generation));
        }
        sendInChunks(client, generation);
        return Optional.empty();
    }

    private Blob sendAtOnce(Storage client, @Nullable Long generation) {
        List<BlobTargetOption> options = new ArrayList<>();
        options.add(BlobTargetOption.disableGzipContent());
        if (generation != null) {
            options.add(BlobTargetOption.generationMatch(generation));
        }
        return client.create(object, bytes(), options.toArray(BlobTargetOption[]::new));
    }

    private byte[] bytes() {
        try {
            byte[] bytes = content.toByteArray();
            requireSize(bytes.length);
            return bytes;
        } catch (IOException e) {
            throw new BrokenBodyException(e);
        }
    }

    private void sendInChunks(Storage client, @Nullable Long generation) throws IOException {
        List<BlobWriteOption> options = new ArrayList<>();
        options.add(BlobWriteOption.disableGzipContent());
        if (generation != null) {
            options.add(BlobWriteOption.generationMatch(generation));
        }
        // Closing the channel creates the object. If the body fails, leave the channel open; Google discards unfinished
        // uploads after a week.
        WriteChannel channel = client.writer(object, options.toArray(BlobWriteOption[]::new));
        channel.setChunkSize(CHUNK_BYTES);
        copyTo(channel);
        channel.close();
    }

    private void copyTo(WriteChannel channel) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        try (InputStream in = open()) {
            for (int count = read(in, buffer); count >= 0; count = read(in, buffer)) {
                total += count;
                ByteBuffer part = ByteBuffer.wrap(buffer, 0, count);
                while (part.hasRemaining()) {
                    channel.write(part);
                }
            }
        }
        try {
            requireSize(total);
        } catch (IOException e) {
            throw new BrokenBodyException(e);
        }
    }

    private InputStream open() {
        try {
            return content.openStream();
        } catch (IOException e) {
            throw new BrokenBodyException(e);
        }
    }

    private static int read(InputStream in, byte[] buffer) {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw new BrokenBodyException(e);
        }
    }

    private void requireSize(long count) throws EOFException {
        if (count != content.sizeBytes()) {
            throw new EOFException("it returned " + count + " of " + content.sizeBytes() + " bytes");
        }
    }
}
