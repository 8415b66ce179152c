package io.alldocs.cache.body;

import io.alldocs.cache.body.BodyReceiver.Read;
import io.alldocs.cache.body.BodyReceiver.Received;
import io.alldocs.cache.body.BodyReceiver.TextReader;
import io.alldocs.cache.internal.body.BufferedStream;
import io.alldocs.cache.internal.body.GzipDecoder;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.internal.json.JsonCheck;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.OptionalLong;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Decodes and checks one body at a time while it is spooled: digest, gzip, size and JSON. Its buffers are reused. Not
 * thread-safe.
 */
final class BodyDecoder {
    private final long maxDecodedBytes;
    private final MessageDigest digest = Integrity.sha256();
    private final GzipDecoder decoder = new GzipDecoder();
    private final JsonCheck json = new JsonCheck();
    private final byte[] chunk = new byte[16 * 1024];
    private final byte[] decoded = new byte[16 * 1024];

    BodyDecoder(long maxDecodedBytes) {
        this.maxDecodedBytes = maxDecodedBytes;
    }

    /** Returns the buffer for bytes of the network that do not stay in memory. */
    byte[] chunk() {
        return chunk;
    }

    /** Receives a body; see {@link BodyReceiver#receive(InputStream, String, OptionalLong, TextReader)}. */
    <T> Read<T> receive(ContentCodings coded, Spool spool, TextReader<T> reader) throws IOException {
        Read<T> read = new Text(coded, spool).receive(reader);
        decoder.reset(); // release the body
        return read;
    }

    /** Frees the native memory, after which the decoder cannot be used. */
    void end() {
        decoder.end();
    }

    static void requireNoMoreThan(OptionalLong declared, long arrived) throws IOException {
        if (declared.isPresent() && arrived > declared.getAsLong()) {
            throw new IOException(
                    "The response body is longer than its declared length of " + declared.getAsLong() + " bytes.");
        }
    }

    static void requireAllOf(OptionalLong declared, long arrived) throws EOFException {
        if (declared.isPresent() && arrived < declared.getAsLong()) {
            throw new EOFException(
                    "The response body is truncated: " + arrived + " of " + declared.getAsLong() + " bytes arrived.");
        }
    }

    /** The decoded text of one body. The bytes read for it are spooled and hashed as received. */
    private final class Text extends BufferedStream {
        private final InputStream in;
        private final boolean gzip;
        private final OptionalLong declared;
        private final Spool spool;
        private long decodedSize;
        private final byte[] start = new byte[2];
        private @Nullable IOException failure;

        Text(ContentCodings coded, Spool spool) {
            super(decoded);
            this.in = coded.in();
            this.gzip = coded.gzip();
            this.declared = coded.declared();
            this.spool = spool;
            digest.reset();
            json.reset();
        }

        <T> Read<T> receive(TextReader<T> reader) throws IOException {
            @Nullable T value = null;
            @Nullable IOException refusal = null;
            try {
                value = reader.read(this);
            } catch (IOException e) {
                refusal = e;
            }
            readToTheEnd();
            JsonText found = JsonText.of(json);
            if (found == JsonText.NOT_JSON && ContentCodings.looksCompressed(start)) {
                throw new UnknownContentCodingException(
                        "The response body is still compressed after its Content-Encoding was decoded.");
            }
            if (value == null) {
                throw refusal == null ? new IOException("The reader returned no value for the body.") : refusal;
            }
            String integrity = Integrity.sri(digest.digest());
            return new Read<>(value, new Received(spool.finish(), gzip ? "gzip" : null, integrity, decodedSize, found));
        }

        /** Reads the rest of the body. If the body fails, its error takes precedence over the reader's. */
        private void readToTheEnd() throws IOException {
            if (failure != null) {
                throw failure;
            }
            do {
                position = limit;
            } while (fill());
        }

        /** Decodes the next part of the text, at least one byte. Returns false at the end of a complete body. */
        @Override
        protected boolean fill() throws IOException {
            try {
                while (!decode()) {
                    if (!advance()) {
                        return false;
                    }
                }
            } catch (IOException e) {
                failure = e;
                throw e;
            }
            look();
            return true;
        }

        private boolean decode() throws ZipException {
            if (gzip) {
                position = 0;
                limit = decoder.decode(decoded);
            }
            return position < limit;
        }

        /** Reads from the network. Returns false at the end if everything has arrived. */
        private boolean advance() throws IOException {
            int room = spool.makeRoom();
            byte[] arrived = spool.buffer();
            int offset = spool.position();
            int count = in.read(arrived, offset, room);
            if (count < 0) {
                requireWhole();
                return false;
            }
            digest.update(arrived, offset, count);
            if (gzip) {
                decoder.setInput(arrived, offset, count);
            } else {
                buffer = arrived;
                position = offset;
                limit = offset + count;
            }
            spool.advance(count);
            requireNoMoreThan(declared, spool.size());
            return true;
        }

        private void requireWhole() throws EOFException {
            requireAllOf(declared, spool.size());
            if (gzip) {
                decoder.finish();
            }
        }

        private void look() {
            for (int i = position; i < limit && decodedSize + i - position < start.length; i++) {
                start[(int) decodedSize + i - position] = buffer[i];
            }
            decodedSize += limit - position;
            if (decodedSize > maxDecodedBytes) {
                throw BodyTooLargeException.decodingTo(maxDecodedBytes);
            }
            if (!json.isBroken()) {
                json.accept(buffer, position, limit);
            }
        }
    }
}
