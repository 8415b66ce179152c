package io.alldocs.packument;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds one value of a JSON document by a path of member names. It skips everything before the value, and does not
 * decode anything after it. It does not validate the document and reports only errors that prevent it from reaching the
 * value. Not thread-safe, for one value.
 */
final class MemberScan extends JsonCursor {

    MemberScan(InputStream decoded) {
        super(decoded);
    }

    /**
     * Moves to the value at {@code path}.
     *
     * @return whether the value exists
     * @throws StreamCorruptedException if the text before the value is not JSON
     * @throws EOFException if the text ends before the value
     */
    boolean find(String... path) throws IOException {
        for (String name : path) {
            if (!findMember(name)) {
                return false;
            }
        }
        return true;
    }

    private boolean findMember(String name) throws IOException {
        if (next() != '{') {
            return false;
        }
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        // In the document, a backslash starts an escape and a quote ends the name, so such a name must be decoded for
        // comparison.
        boolean plain = name.indexOf('\\') < 0 && name.indexOf('"') < 0;
        int next = next();
        while (next == '"') {
            boolean found = plain ? readsAs(utf8) : text().equals(name);
            expect(':');
            if (found) {
                return true;
            }
            skipValue();
            next = afterMember();
        }
        if (next != '}') {
            throw unexpected(next);
        }
        return false;
    }

    /** Returns the string or number at the current position, or null for any other value. */
    @Nullable
    String scalar() throws IOException {
        int first = next();
        if (first == '"') {
            return text();
        }
        if (first == '{' || first == '[') {
            skipContainer();
            return null;
        }
        StringBuilder number = new StringBuilder().append((char) first);
        while (!endsScalar(peek())) {
            number.append((char) read());
        }
        String text = number.toString();
        return text.equals("null") || text.equals("true") || text.equals("false") ? null : text;
    }

    /**
     * Passes the member names of the object at the current position to {@code names}; none if the value is not an
     * object.
     */
    void names(Consumer<? super String> names) throws IOException {
        members(name -> {
            skipValue();
            names.accept(name);
        });
    }

    /**
     * Returns the members of the object at the current position whose values are strings or numbers; empty if the value
     * is not an object.
     */
    Map<String, String> texts() throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        members(name -> {
            String value = scalar();
            if (value != null) {
                texts.put(name, value);
            }
        });
        return texts;
    }

    /** Reads the whole value of one member. */
    interface Member {
        void read(String name) throws IOException;
    }

    /**
     * Calls {@code member} for each member of the object at the current position; does nothing if the value is not an
     * object.
     */
    void members(Member member) throws IOException {
        if (peekPastSpace() != '{') {
            skipValue();
            return;
        }
        next();
        int next = next();
        while (next == '"') {
            String name = text();
            expect(':');
            member.read(name);
            next = afterMember();
        }
        if (next != '}') {
            throw unexpected(next);
        }
    }

    /** Returns the byte after a member: the quote of the next one, or the end of the object. */
    private int afterMember() throws IOException {
        int next = next();
        if (next == ',') {
            next = next();
            if (next != '"') {
                throw unexpected(next);
            }
        } else if (next != '}') {
            throw unexpected(next);
        }
        return next;
    }

    /**
     * Returns whether the value at the current position is truthy in JavaScript: any value except {@code false},
     * {@code null}, the empty string and zero.
     */
    boolean truthy() throws IOException {
        int first = peekPastSpace();
        if (first == '{' || first == '[') {
            skipValue();
            return true;
        }
        if (first == '"') {
            next();
            return !text().isEmpty();
        }
        StringBuilder literal = new StringBuilder();
        while (!endsScalar(peek())) {
            literal.append((char) read());
        }
        String text = literal.toString();
        return !text.equals("false") && !text.equals("null") && !text.matches("-?0*(\\.0*)?([eE].*)?");
    }
}
