package io.alldocs.cache.spi;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.ByteBudget;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Reads values from the network for drivers with a remote store. Values of up to 1 MiB are kept in memory, larger ones
 * in a temporary file. Safe for concurrent use.
 */
public final class ValueReceiver {
    private static final int MAX_MEMORY_BYTES = 1 << 20;

    private final BodyReceiver toFile;

    /**
     * Creates a receiver.
     *
     * @param spoolDirectory directory for values over 1 MiB; created when first needed
     */
    public ValueReceiver(Path spoolDirectory) {
        this.toFile = new BodyReceiver(ByteBudget.of(0), spoolDirectory, Long.MAX_VALUE);
    }

    /**
     * Reads {@code in} to its end and does not close it.
     *
     * @param declaredLength number of bytes that must arrive; may be empty
     * @throws EOFException if fewer bytes arrive than were declared
     * @throws IOException if reading fails, or the temporary file cannot be written
     */
    public Body receive(InputStream in, OptionalLong declaredLength) throws IOException {
        if (declaredLength.isEmpty()) {
            return receiveUndeclared(in);
        }
        if (declaredLength.getAsLong() > MAX_MEMORY_BYTES) {
            return toFile.receiveRaw(in, declaredLength);
        }
        byte[] bytes = new byte[(int) declaredLength.getAsLong()];
        int count = in.readNBytes(bytes, 0, bytes.length);
        if (count < bytes.length) {
            throw new EOFException(count + " of " + bytes.length + " bytes arrived");
        }
        return Body.of(bytes);
    }

    private Body receiveUndeclared(InputStream in) throws IOException {
        byte[] start = in.readNBytes(MAX_MEMORY_BYTES);
        if (start.length < MAX_MEMORY_BYTES) {
            return Body.of(start);
        }
        InputStream whole = new SequenceInputStream(new ByteArrayInputStream(start), in);
        return toFile.receiveRaw(whole, OptionalLong.empty());
    }
}
