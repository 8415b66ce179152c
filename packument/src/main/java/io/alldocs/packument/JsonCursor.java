package io.alldocs.packument;

import com.fasterxml.jackson.core.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StreamCorruptedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A position in the text of a JSON document. It reads names and strings, and skips values by counting brackets, which
 * is about four times as fast as reading tokens. Not thread-safe.
 */
class JsonCursor {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private @Nullable OutputStream copy;

    /** Start of the bytes in the buffer that are not copied yet. */
    private int copied;

    JsonCursor(InputStream decoded) {
        this.in = decoded;
    }

    // ---- copying

    /** Copies every byte that is read from here on to {@code target}, until {@link #endCopy}. */
    void copyTo(OutputStream target) {
        copy = target;
        copied = position;
    }

    void endCopy() throws IOException {
        flushCopy();
        copy = null;
    }

    private void flushCopy() throws IOException {
        if (copy != null) {
            copy.write(buffer, copied, position - copied);
            copied = position;
        }
    }

    // ---- skipping

    void skipValue() throws IOException {
        int first = next();
        if (first == '"') {
            skipText();
        } else if (first == '{' || first == '[') {
            skipContainer();
        } else if (first == '}' || first == ']' || first == ',' || first == ':') {
            throw unexpected(first);
        } else {
            while (!endsScalar(peek())) {
                position++;
            }
        }
    }

    static boolean endsScalar(int octet) {
        return octet == ',' || octet == '}' || octet == ']' || octet <= ' ';
    }

    /** Skips to the position after the closing bracket that matches the bracket just read. */
    void skipContainer() throws IOException {
        int depth = 1;
        while (depth > 0) {
            require();
            byte[] bytes = buffer;
            int end = limit;
            int at = position;
            while (at < end) {
                int octet = bytes[at++];
                if (octet == '"') {
                    at = endOfText(bytes, at, end);
                    if (at < 0) {
                        position = -at - 1;
                        skipText();
                        break;
                    }
                    // '{' and '[' differ in one bit, and so do '}' and ']'.
                } else if ((octet | 0x20) == '{') {
                    depth++;
                } else if ((octet | 0x20) == '}' && --depth == 0) {
                    break;
                }
            }
            if (at >= 0) {
                position = at;
            }
        }
    }

    /**
     * Returns the position after the quote that ends a string. Returns {@code -from-1} for a position from which a
     * slower search must continue: at an escape, or at the end of the buffer.
     */
    private static int endOfText(byte[] bytes, int from, int end) {
        for (int at = from; at < end; at++) {
            byte octet = bytes[at];
            if (octet == '"') {
                return at + 1;
            }
            if (octet == '\\') {
                return -at - 1;
            }
        }
        return -end - 1;
    }

    private void skipText() throws IOException {
        while (true) {
            require();
            int end = endOfText(buffer, position, limit);
            if (end >= 0) {
                position = end;
                return;
            }
            position = -end - 1;
            if (position < limit) {
                position++;
                read(); // the escaped character
            }
        }
    }

    // ---- reading

    /**
     * Reads a name to its end.
     *
     * @return whether it equals {@code name}
     */
    boolean readsAs(byte[] name) throws IOException {
        require();
        int end = position + name.length;
        if (end < limit && buffer[end] == '"' && Arrays.equals(buffer, position, end, name, 0, name.length)) {
            position = end + 1;
            return true;
        }
        end = endOfText(buffer, position, limit);
        if (end >= 0) {
            position = end;
            return false;
        }
        return Arrays.equals(text().getBytes(StandardCharsets.UTF_8), name);
    }

    /** Reads a string whose opening quote was already read. */
    String text() throws IOException {
        require();
        int end = endOfText(buffer, position, limit);
        if (end >= 0) {
            String text = new String(buffer, position, end - 1 - position, StandardCharsets.UTF_8);
            position = end;
            return text;
        }
        return textWithEscapes();
    }

    private String textWithEscapes() throws IOException {
        ByteArrayOutputStream literal = new ByteArrayOutputStream();
        literal.write('"');
        int octet = read();
        while (octet != '"') {
            literal.write(octet);
            if (octet == '\\') {
                literal.write(read());
            }
            octet = read();
        }
        literal.write('"');
        try (JsonParser parser = DocumentJson.parser(literal.toByteArray())) {
            return parser.nextTextValue();
        }
    }

    void expect(char wanted) throws IOException {
        int next = next();
        if (next != wanted) {
            throw unexpected(next);
        }
    }

    /** Returns the next byte that is not white space. */
    int next() throws IOException {
        int next = peekPastSpace();
        position++;
        return next;
    }

    int peekPastSpace() throws IOException {
        int next = peek();
        while (next <= ' ') {
            position++;
            next = peek();
        }
        return next;
    }

    int read() throws IOException {
        require();
        return buffer[position++] & 0xff;
    }

    int peek() throws IOException {
        require();
        return buffer[position] & 0xff;
    }

    private void require() throws IOException {
        while (position == limit) {
            flushCopy();
            copied = 0;
            position = 0;
            limit = Math.max(0, in.read(buffer));
            if (limit == 0) {
                throw new EOFException("the JSON text of the document is truncated");
            }
        }
    }

    static StreamCorruptedException unexpected(int octet) {
        return new StreamCorruptedException("the document is not JSON: unexpected byte 0x" + Integer.toHexString(octet)
                + " at a position where JSON does not allow it");
    }
}
