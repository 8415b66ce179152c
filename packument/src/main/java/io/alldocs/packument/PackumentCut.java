package io.alldocs.packument;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A stream of a packument's text without some of its versions; the text is transformed while it is read. The versions
 * are removed from {@code versions} and {@code time}, and {@code dist-tags} is replaced. Everything else is copied byte
 * by byte, whether or not a JSON parser would accept it. At most one member of the document, or one of its versions, is
 * in memory. Not thread-safe.
 */
final class PackumentCut extends InputStream {
    private final InputStream decoded;
    private final MemberScan scan;
    private final Set<String> removed;
    private final byte[] distTags;
    private final Window window = new Window();

    private boolean begun;
    private boolean ended;

    /** Whether the members of {@code versions} or {@code time} are being read. */
    private boolean inside;

    /** Whether a member of the current object has already been written. */
    private boolean follows;

    /**
     * @param decoded the document's text; closed with this stream
     * @param removed versions to leave out
     */
    PackumentCut(InputStream decoded, Set<String> removed, Map<String, String> distTags) {
        this.decoded = decoded;
        this.scan = new MemberScan(decoded);
        this.removed = removed;
        this.distTags = json(distTags);
    }

    private static byte[] json(Map<String, String> texts) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator generator = DocumentJson.factory().createGenerator(json)) {
            generator.writeStartObject();
            for (Map.Entry<String, String> text : texts.entrySet()) {
                generator.writeStringField(text.getKey(), text.getValue());
            }
            generator.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("Writing to memory failed", e);
        }
        return json.toByteArray();
    }

    @Override
    public int read() throws IOException {
        return fill() ? window.take() : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        return fill() ? window.take(target, offset, length) : -1;
    }

    @Override
    public void close() throws IOException {
        decoded.close();
    }

    private boolean fill() throws IOException {
        while (window.isEmpty()) {
            if (ended) {
                return false;
            }
            step();
        }
        return true;
    }

    /** Writes the beginning, one member, or an end. */
    private void step() throws IOException {
        if (!begun) {
            scan.expect('{');
            window.write('{');
            begun = true;
            return;
        }
        int next = scan.next();
        if (next == ',') {
            next = scan.next();
        }
        if (next == '}') {
            window.write('}');
            ended = !inside;
            inside = false;
            follows = true;
        } else if (next == '"') {
            member();
        } else {
            throw MemberScan.unexpected(next);
        }
    }

    private void member() throws IOException {
        int start = window.size();
        window.write(follows ? ",\"" : "\"");
        scan.copyTo(window);
        String name = scan.text();
        scan.endCopy();
        scan.expect(':');
        if (inside && removed.contains(name)) {
            window.cutTo(start);
            scan.skipValue();
            return;
        }
        window.write(':');
        follows = true;
        boolean object = !inside && scan.peekPastSpace() == '{';
        if (object && name.equals("dist-tags")) {
            scan.skipValue();
            window.write(distTags, 0, distTags.length);
        } else if (object && (name.equals("versions") || name.equals("time"))) {
            scan.expect('{');
            window.write('{');
            inside = true;
            follows = false;
        } else {
            scan.copyTo(window);
            scan.skipValue();
            scan.endCopy();
        }
    }

    /** Bytes that were written but not yet read. */
    private static final class Window extends ByteArrayOutputStream {
        private static final int SIZE_BYTES = 16 * 1024;

        private int position;

        Window() {
            super(SIZE_BYTES);
        }

        boolean isEmpty() {
            return position == count;
        }

        void write(String ascii) {
            for (int i = 0; i < ascii.length(); i++) {
                write(ascii.charAt(i));
            }
        }

        /** Discards what was written after the first {@code size} bytes. */
        void cutTo(int size) {
            count = size;
        }

        int take() {
            int octet = buf[position++] & 0xff;
            resetIfEmpty();
            return octet;
        }

        int take(byte[] target, int offset, int length) {
            int taken = Math.min(length, count - position);
            System.arraycopy(buf, position, target, offset, taken);
            position += taken;
            resetIfEmpty();
            return taken;
        }

        private void resetIfEmpty() {
            if (position == count) {
                position = 0;
                count = 0;
            }
        }
    }
}
