package io.alldocs.cache;

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
 * A body with its content codings (RFC 9110 §8.4) taken off, but for one gzip: that is what is stored. Known are gzip, x-gzip, deflate with the zlib header
 * and without, and identity, in any case and any order. A body that begins as gzip does and has no header to say so is gzip.
 *
 * @param in what is left, text or gzip
 * @param gzip which of the two
 * @param declared how many bytes {@code in} must have; for what was decoded, the wire's own are checked instead
 */
record ContentCodings(InputStream in, boolean gzip, OptionalLong declared) implements AutoCloseable {
    private static final String GZIP = "gzip";
    private static final String DEFLATE = "deflate";

    /**
     * Takes off the outer codings.
     *
     * @param wire left open by {@link #close()}
     * @param cap bytes that a coding inside another may have
     * @throws UnknownContentCodingException for a coding that is not known
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

    /** In the order in which they were applied (RFC 9110 §8.4). */
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
                    throw new UnknownContentCodingException("Content-Encoding: " + Utf8.quote(contentEncoding)
                            + ", which was not asked for; known are gzip, deflate and identity");
            }
        }
        return codings;
    }

    /** With the zlib header as RFC 9110 §8.4.1.2 has it, or without, as some servers send it. */
    private static InputStream inflated(InputStream in) throws IOException {
        byte[] start = in.readNBytes(2);
        int header = start.length < 2 ? 0 : (start[0] & 0xff) << 8 | (start[1] & 0xff);
        boolean zlib = (header >> 8 & 0x0f) == 8 && header % 31 == 0;
        return new Inflated(new SequenceInputStream(new ByteArrayInputStream(start), in), new Inflater(!zlib));
    }

    /** Frees what decoders hold. */
    @Override
    public void close() throws IOException {
        if (in instanceof Measured) {
            in.close();
        }
    }

    /**
     * Whether text that is not JSON is, by its first bytes, compressed all the same: by gzip, zlib, Zstandard or something that begins with no character that
     * a text begins with.
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

    /** Inflates to the end of its input: nothing but zeros may follow. */
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
                throw new ZipException("There are other bytes after the deflated body");
            }
        }

        @Override
        public void close() throws IOException {
            super.close();
            inf.end();
        }
    }

    /** Counts: a wire, which must bring what was declared and is not closed, or what a decoder makes, which must stay below a cap. */
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
                throw new EOFException("The body has " + count + " bytes and not the " + declared.getAsLong()
                        + " that its answer declared");
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
