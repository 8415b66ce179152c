package io.alldocs.cache.body;

import io.alldocs.cache.internal.body.GunzipStream;
import io.alldocs.cache.internal.key.Utf8;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A body whose content codings (RFC 9110 §8.4) are decoded, except for one gzip, which is stored as received. The
 * supported codings are gzip, x-gzip, deflate with or without the zlib header, and identity, in any letter case and
 * order. A body that starts like gzip counts as gzip even without a header.
 *
 * @param in the remaining stream, text or gzip
 * @param gzip whether {@code in} is gzip
 * @param declared number of bytes that {@code in} must have; if a coding was decoded, the received bytes are checked
 *     instead
 */
record ContentCodings(InputStream in, boolean gzip, OptionalLong declared) implements AutoCloseable {
    private static final String GZIP = "gzip";
    private static final String DEFLATE = "deflate";

    /**
     * Decodes the outer codings.
     *
     * @param wire not closed by {@link #close()}
     * @param cap size limit of a coding that is nested inside another
     * @throws UnknownContentCodingException for an unknown coding
     */
    static ContentCodings of(InputStream wire, @Nullable String contentEncoding, OptionalLong declared, long cap)
            throws IOException {
        List<String> codings = parse(contentEncoding);
        if (codings.isEmpty()) {
            byte[] start = wire.readNBytes(2);
            boolean gzip = start.length == 2 && start[0] == 0x1f && start[1] == (byte) 0x8b;
            return new ContentCodings(new SequenceInputStream(new ByteArrayInputStream(start), wire), gzip, declared);
        }
        boolean gzip = codings.get(0).equals(GZIP);
        List<String> outer = gzip ? codings.subList(1, codings.size()) : codings;
        if (outer.isEmpty()) {
            return new ContentCodings(wire, true, declared);
        }
        InputStream in = new Measured(wire, declared);
        for (int i = outer.size() - 1; i >= 0; i--) {
            in = outer.get(i).equals(GZIP) ? new GunzipStream(in) : inflated(in);
        }
        return new ContentCodings(new Measured(in, cap), gzip, OptionalLong.empty());
    }

    /** Returns the codings in the order in which they were applied (RFC 9110 §8.4). */
    private static List<String> parse(@Nullable String contentEncoding) throws UnknownContentCodingException {
        if (contentEncoding == null || contentEncoding.isEmpty()) {
            return List.of();
        }
        List<String> codings = new ArrayList<>();
        for (String part : contentEncoding.split(",", -1)) {
            String coding = part.trim().toLowerCase(Locale.ROOT);
            switch (coding) {
                case "", "identity" -> {}
                case GZIP, "x-gzip" -> codings.add(GZIP);
                case DEFLATE -> codings.add(DEFLATE);
                default ->
                    throw new UnknownContentCodingException(
                            "The response has Content-Encoding " + Utf8.quote(contentEncoding)
                                    + ", which was not requested. Supported are gzip, deflate and identity.");
            }
        }
        return codings;
    }

    /** Decodes deflate with the zlib header, as RFC 9110 §8.4.1.2 requires, or without it, as some servers send it. */
    private static InputStream inflated(InputStream in) throws IOException {
        byte[] start = in.readNBytes(2);
        int header = start.length < 2 ? 0 : (start[0] & 0xff) << 8 | (start[1] & 0xff);
        boolean zlib = (header >> 8 & 0x0f) == 8 && header % 31 == 0;
        return new Inflated(new SequenceInputStream(new ByteArrayInputStream(start), in), new Inflater(!zlib));
    }

    /** Releases the resources of the decoders. */
    @Override
    public void close() throws IOException {
        if (in instanceof Measured) {
            in.close();
        }
    }

    /**
     * Returns whether the first bytes of a body that is not JSON indicate that it is compressed. This is the case if
     * they are those of gzip, zlib or Zstandard. It is also the case if they include a character that no text starts
     * with.
     */
    static boolean looksCompressed(byte[] start) {
        int first = start[0] & 0xff;
        int second = start[1] & 0xff;
        boolean mark = first == 0xef || first == 0xfe || first == 0xff;
        boolean character = first == 0 || first >= ' ' || first == '\t' || first == '\n' || first == '\r';
        boolean zlib = first == 0x78 && (second == 0x01 || second == 0x5e || second == 0x9c || second == 0xda);
        boolean zstandard = first == 0x28 && second == 0xb5;
        return zlib || zstandard || (!mark && (!character || first >= 0x7f));
    }

    /** Inflates to the end of the input, which only zero bytes may follow. */
    private static final class Inflated extends InflaterInputStream {
        private boolean ended;

        Inflated(InputStream in, Inflater inflater) {
            super(in, inflater);
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            if (count < 0 && !ended) {
                ended = true;
                for (int i = len - inf.getRemaining(); i < len; i++) {
                    requireZero(buf[i]);
                }
                for (int octet = in.read(); octet >= 0; octet = in.read()) {
                    requireZero(octet);
                }
            }
            return count;
        }

        private static void requireZero(int octet) throws ZipException {
            if (octet != 0) {
                throw new ZipException("Unexpected bytes follow the deflate body.");
            }
        }

        @Override
        public void close() throws IOException {
            super.close();
            inf.end();
        }
    }

    /**
     * Counts bytes. The bytes from the network must have the declared length, and that stream is not closed. The bytes
     * from a decoder must not exceed a limit.
     */
    private static final class Measured extends FilterInputStream {
        private final OptionalLong declared;
        private final long cap;
        private final boolean closes;
        private long count;

        Measured(InputStream wire, OptionalLong declared) {
            super(wire);
            this.declared = declared;
            this.cap = Long.MAX_VALUE;
            this.closes = false;
        }

        Measured(InputStream decoder, long cap) {
            super(decoder);
            this.declared = OptionalLong.empty();
            this.cap = cap;
            this.closes = true;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            int read = in.read(target, offset, length);
            count += Math.max(0, read);
            if (declared.isPresent() && (count > declared.getAsLong() || (read < 0 && count < declared.getAsLong()))) {
                throw new EOFException("The response body has " + count + " bytes, but its declared length is "
                        + declared.getAsLong() + " bytes.");
            }
            if (count > cap) {
                throw BodyTooLargeException.decodingTo(cap);
            }
            return read;
        }

        @Override
        public void close() throws IOException {
            if (closes) {
                in.close();
            }
        }
    }
}
