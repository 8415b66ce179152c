package io.alldocs.cache.internal.body;

import java.io.EOFException;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decodes gzip (RFC 1952) from input that is supplied in parts. It accepts any number of members and checks the
 * checksum and size of each. Only zero bytes may follow the last member, which gzip(1) and npm's client ignore too.
 * Unlike {@code java.util.zip.GZIPInputStream}, it does not guess from {@code available()} whether another member
 * follows. Not thread-safe.
 */
public final class GzipDecoder {
    private static final String OTHER_BYTES = "Unexpected bytes follow the gzip body.";
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private enum State {
        FIXED_HEADER,
        EXTRA_LENGTH,
        EXTRA_FIELD,
        ZERO_TERMINATED_NAME,
        ZERO_TERMINATED_COMMENT,
        CHECKSUM_OF_HEADER,
        DATA,
        TRAILER,
        PADDING
    }

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private byte[] input = new byte[0];
    private int position;
    private int limit;
    private State state = State.FIXED_HEADER;
    private int seen;
    private long number;
    private int flags;
    private int extraLeft;
    private boolean anyMember;

    /** Prepares for new data. */
    public void reset() {
        inflater.reset();
        crc.reset();
        input = new byte[0];
        position = 0;
        limit = 0;
        enter(State.FIXED_HEADER);
        anyMember = false;
    }

    /** Frees native memory. */
    public void end() {
        inflater.end();
    }

    /** Sets the next part of the input. The previous part must be consumed. */
    public void setInput(byte[] bytes, int offset, int length) {
        input = bytes;
        position = offset;
        limit = offset + length;
        if (state == State.DATA) {
            inflater.setInput(input, position, length);
        }
    }

    /**
     * Decodes the next bytes.
     *
     * @return number of bytes written to {@code out}, 0 when the input is consumed
     * @throws ZipException if the input is not gzip, or a checksum or size is wrong
     */
    public int decode(byte[] out) throws ZipException {
        while (true) {
            if (state == State.DATA) {
                int count = inflate(out);
                if (count > 0 || state == State.DATA) {
                    return count;
                }
            } else if (position < limit) {
                frame(input[position++] & 0xff);
            } else {
                return 0;
            }
        }
    }

    /**
     * Ends the data.
     *
     * @throws EOFException if the last member is incomplete, or there is none
     */
    public void finish() throws EOFException {
        boolean ended = state == State.PADDING || (state == State.FIXED_HEADER && seen == 0);
        if (!anyMember || !ended) {
            throw new EOFException("The gzip body is truncated.");
        }
    }

    private int inflate(byte[] out) throws ZipException {
        int count;
        try {
            count = inflater.inflate(out, 0, out.length);
        } catch (DataFormatException e) {
            ZipException damaged = new ZipException("The gzip body is damaged: " + e.getMessage());
            damaged.initCause(e);
            throw damaged;
        }
        crc.update(out, 0, count);
        if (inflater.finished()) {
            position = limit - inflater.getRemaining();
            enter(State.TRAILER);
        } else if (inflater.needsDictionary()) {
            throw new ZipException("The gzip body needs a preset dictionary, which gzip does not allow.");
        } else if (count == 0) {
            position = limit;
        }
        return count;
    }

    private void enter(State next) {
        state = next;
        seen = 0;
        number = 0;
    }

    /** Processes one byte of a header or trailer. The optional header fields come in the order of the states. */
    private void frame(int value) throws ZipException {
        number |= (long) value << (8 * Math.min(seen, 7));
        seen++;
        switch (state) {
            case FIXED_HEADER -> fixedHeader(value);
            case EXTRA_LENGTH -> {
                if (seen == 2) {
                    extraLeft = (int) number;
                    enter(State.EXTRA_FIELD);
                    skipAbsentFields();
                }
            }
            case EXTRA_FIELD -> {
                extraLeft--;
                skipAbsentFields();
            }
            case ZERO_TERMINATED_NAME, ZERO_TERMINATED_COMMENT -> {
                if (value == 0) {
                    boolean name = state == State.ZERO_TERMINATED_NAME;
                    enter(name ? State.ZERO_TERMINATED_COMMENT : State.CHECKSUM_OF_HEADER);
                    skipAbsentFields();
                }
            }
            case CHECKSUM_OF_HEADER -> {
                if (seen == 2) {
                    beginData();
                }
            }
            case TRAILER -> {
                if (seen == 8) {
                    endMember();
                }
            }
            case PADDING -> padding(value);
            case DATA -> throw new IllegalStateException("data is not framing");
        }
    }

    private static void padding(int value) throws ZipException {
        if (value != 0) {
            throw new ZipException(OTHER_BYTES);
        }
    }

    private void fixedHeader(int value) throws ZipException {
        if (anyMember && seen == 1 && value == 0) {
            enter(State.PADDING);
            return;
        }
        boolean wrong = (seen == 1 && value != 0x1f) || (seen == 2 && value != 0x8b) || (seen == 3 && value != 8);
        if (wrong || (seen == 4 && (value & RESERVED) != 0)) {
            throw new ZipException(
                    anyMember ? OTHER_BYTES : "The Content-Encoding is gzip, but the body is not in the gzip format.");
        }
        if (seen == 4) {
            flags = value;
        }
        if (seen == 10) {
            enter((flags & EXTRA) != 0 ? State.EXTRA_LENGTH : State.ZERO_TERMINATED_NAME);
            skipAbsentFields();
        }
    }

    private void skipAbsentFields() {
        if (state == State.EXTRA_FIELD && extraLeft == 0) {
            enter(State.ZERO_TERMINATED_NAME);
        }
        if (state == State.ZERO_TERMINATED_NAME && (flags & NAME) == 0) {
            enter(State.ZERO_TERMINATED_COMMENT);
        }
        if (state == State.ZERO_TERMINATED_COMMENT && (flags & COMMENT) == 0) {
            enter(State.CHECKSUM_OF_HEADER);
        }
        if (state == State.CHECKSUM_OF_HEADER && (flags & HEADER_CRC) == 0) {
            beginData();
        }
    }

    private void beginData() {
        enter(State.DATA);
        inflater.reset();
        crc.reset();
        inflater.setInput(input, position, limit - position);
    }

    private void endMember() throws ZipException {
        if ((number & 0xffffffffL) != crc.getValue()) {
            throw new ZipException("The gzip body is damaged: its checksum does not match.");
        }
        if (number >>> 32 != (inflater.getBytesWritten() & 0xffffffffL)) {
            throw new ZipException("The gzip body is damaged: its size does not match.");
        }
        anyMember = true;
        enter(State.FIXED_HEADER);
    }
}
