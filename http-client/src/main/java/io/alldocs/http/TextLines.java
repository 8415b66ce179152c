package io.alldocs.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads lists and configuration files from any operating system, line by line. The encoding is UTF-8 with or without a
 * byte order mark, or UTF-16 with one. Lines end with LF, CRLF or CR; the last line may have no line end. A byte order
 * mark at the start of a later line, as in concatenated files, is removed as well. Files may have any length; only one
 * line is in memory. Not thread-safe.
 *
 * <p>Byte order marks: <a href="https://www.rfc-editor.org/rfc/rfc3629#section-6">RFC 3629 §6</a>, <a
 * href="https://www.rfc-editor.org/rfc/rfc2781#section-3.2">RFC 2781 §3.2</a>.
 */
public final class TextLines implements AutoCloseable {
    /** Longest line that {@link #open} reads, in bytes. */
    public static final int MAX_LINE_BYTES = 64 * 1024;

    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int MARK = 0xfeff;

    private final InputStream in;
    private final int maxLineBytes;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    private final Charset charset;
    private final boolean wide;
    private final boolean bigEndian;
    private final CodingErrorAction onBadBytes;
    private int position;
    private int limit;
    private long number;
    private boolean afterReturn;

    private TextLines(InputStream in, int maxLineBytes, CodingErrorAction onBadBytes) throws IOException {
        this.in = in;
        this.maxLineBytes = maxLineBytes;
        this.onBadBytes = onBadBytes;
        limit = Math.max(0, in.readNBytes(buffer, 0, 2));
        int first = limit == 2 ? (buffer[0] & 0xff) << 8 | (buffer[1] & 0xff) : 0;
        bigEndian = first == MARK;
        wide = bigEndian || first == 0xfffe;
        charset = wide ? bigEndian ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_16LE : StandardCharsets.UTF_8;
    }

    /**
     * Opens a file whose lines have at most {@link #MAX_LINE_BYTES} bytes.
     *
     * @throws IOException if the file cannot be read
     */
    public static TextLines open(Path file) throws IOException {
        return open(Files.newInputStream(file), MAX_LINE_BYTES, CodingErrorAction.REPORT);
    }

    private static TextLines open(InputStream in, int maxLineBytes, CodingErrorAction onBadBytes) throws IOException {
        try {
            return new TextLines(in, maxLineBytes, onBadBytes);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /**
     * Returns the text of a whole file, without byte order marks, its lines terminated by LF.
     *
     * @throws LineException if a line cannot be decoded
     * @throws IOException if the file cannot be read
     */
    public static String readAll(Path file) throws IOException {
        return readAll(file, CodingErrorAction.REPORT);
    }

    /**
     * Reads a file as {@link #readAll(Path)} does, but replaces bytes that cannot be decoded by U+FFFD, as Node does.
     *
     * @throws LineException if a line has a NUL character
     * @throws IOException if the file cannot be read
     */
    static String readRepaired(Path file) throws IOException {
        return readAll(file, CodingErrorAction.REPLACE);
    }

    private static String readAll(Path file, CodingErrorAction onBadBytes) throws IOException {
        StringBuilder text = new StringBuilder();
        try (TextLines lines = open(Files.newInputStream(file), Integer.MAX_VALUE, onBadBytes)) {
            for (Optional<String> next = lines.next(); next.isPresent(); next = lines.next()) {
                text.append(next.get()).append('\n');
            }
        }
        return text.toString();
    }

    /**
     * Returns the next line without its line end; empty at the end of the file.
     *
     * @throws LineException if it is too long or cannot be decoded; the next call reads the following line
     * @throws IOException if the file cannot be read
     */
    public Optional<String> next() throws IOException {
        if (!readLine()) {
            return Optional.empty();
        }
        number++;
        if (line.size() > maxLineBytes) {
            throw new LineException(number, "it has more than " + maxLineBytes + " bytes.", null);
        }
        String text = decoded();
        if (text.indexOf('\0') >= 0) {
            throw new LineException(
                    number,
                    "it has a NUL character. The file is not text, or it is UTF-16 without a byte order mark.",
                    null);
        }
        return Optional.of(!text.isEmpty() && text.charAt(0) == MARK ? text.substring(1) : text);
    }

    /**
     * Returns the next item of a list without surrounding white space. Blank lines and comments, which begin with
     * {@code #}, are skipped. Empty at the end of the file.
     *
     * @throws LineException as {@link #next()} does
     * @throws IOException if the file cannot be read
     */
    public Optional<String> nextItem() throws IOException {
        Optional<String> item = next().map(TextLines::strip);
        while (item.isPresent() && (item.get().isEmpty() || item.get().startsWith("#"))) {
            item = next().map(TextLines::strip);
        }
        return item;
    }

    /**
     * Removes surrounding white space as JavaScript's {@code trim} does, which includes no-break spaces and byte order
     * marks.
     */
    static String strip(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isBlank(text.charAt(start))) {
            start++;
        }
        while (start < end && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static boolean isBlank(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == MARK;
    }

    /** Returns the number of the last line read, counted from 1; 0 before the first. */
    public long number() {
        return number;
    }

    private String decoded() throws LineException {
        try {
            return charset.newDecoder()
                    .onMalformedInput(onBadBytes)
                    .onUnmappableCharacter(onBadBytes)
                    .decode(ByteBuffer.wrap(line.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new LineException(number, "it is not " + charset.name() + ".", e);
        }
    }

    /**
     * Reads the bytes up to the end of a line, and keeps at most one byte over the limit. Returns false at the end of
     * the file.
     */
    private boolean readLine() throws IOException {
        line.reset();
        int unit = nextUnit();
        if (unit == '\n' && afterReturn) {
            unit = nextUnit();
        }
        afterReturn = false;
        if (unit < 0) {
            return false;
        }
        while (unit >= 0 && unit != '\n' && unit != '\r') {
            unit = nextUnit();
        }
        afterReturn = unit == '\r';
        return true;
    }

    /**
     * Returns the next code unit: a byte in UTF-8, two in UTF-16, or -1 at the end of the file. Keeps it unless it may
     * end the line.
     */
    private int nextUnit() throws IOException {
        int first = nextByte();
        if (!wide || first < 0) {
            keep(first, -1);
            return first;
        }
        int second = nextByte();
        if (second < 0) {
            line.write(first); // half a code unit, which cannot be decoded
            return 0;
        }
        int unit = bigEndian ? first << 8 | second : second << 8 | first;
        if (unit != '\n' && unit != '\r') {
            keep(first, second);
        }
        return unit;
    }

    private void keep(int first, int second) {
        if (first < 0 || line.size() > maxLineBytes || (second < 0 && (first == '\n' || first == '\r'))) {
            return;
        }
        line.write(first);
        if (second >= 0) {
            line.write(second);
        }
    }

    private int nextByte() throws IOException {
        if (position == limit) {
            position = 0;
            limit = Math.max(0, in.read(buffer));
            if (limit == 0) {
                return -1;
            }
        }
        return buffer[position++] & 0xff;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /**
     * Thrown for a line that cannot be read; the lines after it can still be read. The message contains the line number
     * and the problem, without the text.
     */
    public static final class LineException extends IOException {
        private static final long serialVersionUID = 1L;

        private final long line;

        LineException(long line, String message, @Nullable Throwable cause) {
            super("line " + line + ": " + message, cause);
            this.line = line;
        }

        /** Returns the line number, counted from 1. */
        public long line() {
            return line;
        }
    }
}
