package io.alldocs.http.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Builds HTTP/2 frames (RFC 9113 §4.1, §6) as bytes, valid and invalid ones. */
final class Frames {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;
    static final int PADDED = 8;
    static final int WITH_PRIORITY = 0x20;

    private Frames() {}

    static byte[] frame(int type, int flags, int stream, byte... payload) {
        return frameOfLength(payload.length, type, flags, stream, payload);
    }

    /** Returns a frame whose header states {@code length}, regardless of the payload's length. */
    static byte[] frameOfLength(int length, int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt((length << 8) | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Returns all header fields in one frame. */
    static byte[] headers(int stream, int flags, String... fields) {
        return frame(HEADERS, flags | END_HEADERS, stream, block(fields));
    }

    static byte[] data(int stream, int flags, String text) {
        return frame(DATA, flags, stream, text.getBytes(ISO_8859_1));
    }

    /** Returns headers with status 200 and a length of four, without the end of the stream. */
    static byte[] ok(int stream) {
        return headers(stream, 0, ":status", "200", "content-length", "4");
    }

    /** Returns a complete answer: {@code text} with its length. */
    static byte[] whole(int stream, String text) {
        return join(
                headers(stream, 0, ":status", "200", "content-length", Integer.toString(text.length())),
                data(stream, END_STREAM, text));
    }

    static byte[] reset(int stream, long code) {
        return frame(RST_STREAM, 0, stream, int32(code));
    }

    static byte[] goAway(long lastStream, long code) {
        return frame(GOAWAY, 0, 0, join(int32(lastStream), int32(code)));
    }

    /** @param pairs identifiers and values */
    static byte[] settings(long... pairs) {
        ByteBuffer payload = ByteBuffer.allocate(3 * pairs.length);
        for (int i = 0; i < pairs.length; i += 2) {
            payload.putShort((short) pairs[i]).putInt((int) pairs[i + 1]);
        }
        return frame(SETTINGS, 0, 0, payload.array());
    }

    /**
     * Returns a header block of alternating names and values, as literals without indexing and without Huffman coding
     * (RFC 7541 §6.2.2).
     */
    static byte[] block(String... fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            out.write(0);
            string(out, fields[i]);
            string(out, fields[i + 1]);
        }
        return out.toByteArray();
    }

    /**
     * Returns a literal that is added to the dynamic table as its newest field, to which {@code 0xbe} then refers (RFC
     * 7541 §6.2.1).
     */
    static byte[] indexed(String name, String value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x40);
        string(out, name);
        string(out, value);
        return out.toByteArray();
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        if (bytes.length < 127) {
            out.write(bytes.length);
        } else {
            out.write(127);
            int rest = bytes.length - 127;
            for (; rest >= 128; rest >>>= 7) {
                out.write((rest & 127) | 128);
            }
            out.write(rest);
        }
        out.writeBytes(bytes);
    }

    static byte[] int32(long value) {
        return ByteBuffer.allocate(4).putInt((int) value).array();
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] times(int count, byte[] part) {
        byte[][] parts = new byte[count][];
        java.util.Arrays.fill(parts, part);
        return join(parts);
    }
}
