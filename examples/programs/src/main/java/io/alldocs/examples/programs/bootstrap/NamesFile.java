package io.alldocs.examples.programs.bootstrap;

import io.alldocs.cache.KeyOrder;
import io.alldocs.examples.programs.UsageException;
import io.alldocs.packument.PackageName;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file with one package name per line, in UTF-8; blank lines and lines that begin with {@code #} do not count. It is checked as a whole before
 * anything is asked, and read again for each pass, so that its length does not matter. Immutable.
 */
public final class NamesFile {
    private static final int MAX_LINE_BYTES = 64 * 1024;
    private static final int MAX_COMPLAINTS = 20;

    private final Path file;
    private final String label;
    private final String digest;
    private final long count;
    private final boolean inOrder;

    private NamesFile(Path file, String label, String digest, long count, boolean inOrder) {
        this.file = file;
        this.label = label;
        this.digest = digest;
        this.count = count;
        this.inOrder = inOrder;
    }

    /**
     * Checks every line.
     *
     * @param argument path of the file, or {@code -} for {@code standardInput}, which is copied to a temporary file
     * @throws UsageException when the file cannot be read, has no name, or has lines that are none: lists the first 20 with their numbers
     */
    public static NamesFile open(String argument, InputStream standardInput) {
        try {
            Path file = argument.equals("-") ? copied(standardInput) : Path.of(argument);
            return check(file, argument.equals("-") ? "standard input" : argument);
        } catch (NoSuchFileException e) {
            throw new UsageException("There is no file of names " + argument + ".", e);
        } catch (IOException e) {
            throw new UsageException("Cannot read the names in " + argument + ": " + e.getMessage(), e);
        }
    }

    private static Path copied(InputStream standardInput) throws IOException {
        Path copy = Files.createTempFile("all-docs-names", ".txt");
        copy.toFile().deleteOnExit();
        Files.copy(standardInput, copy, StandardCopyOption.REPLACE_EXISTING);
        return copy;
    }

    private static NamesFile check(Path file, String label) throws IOException {
        Digest digest = new Digest();
        List<String> complaints = new ArrayList<>();
        long count = 0;
        boolean inOrder = true;
        String last = "";
        try (Lines lines = new Lines(file)) {
            for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
                try {
                    String name = lines.name(line.get());
                    digest.add(name);
                    count++;
                    inOrder &= KeyOrder.UTF8.compare(last, name) <= 0;
                    last = name;
                } catch (IllegalArgumentException e) {
                    complain(complaints, "line " + lines.number + ": " + e.getMessage());
                }
            }
        }
        requireGood(label, complaints, count);
        return new NamesFile(file, label, digest.hex(), count, inOrder);
    }

    private static void complain(List<String> complaints, String complaint) {
        if (complaints.size() < MAX_COMPLAINTS) {
            complaints.add(complaint);
        } else if (complaints.size() == MAX_COMPLAINTS) {
            complaints.add("and more.");
        }
    }

    private static void requireGood(String label, List<String> complaints, long count) {
        if (!complaints.isEmpty()) {
            throw new UsageException("Not every line of " + label + " is a package name; nothing was asked. "
                    + String.join(" ", complaints));
        }
        if (count == 0) {
            throw new UsageException("There is no package name in " + label + "; write one per line.");
        }
    }

    /** Names in the file; one that stands twice counts twice. */
    public long count() {
        return count;
    }

    /** Whether the names stand in {@link KeyOrder#UTF8}. */
    boolean inOrder() {
        return inOrder;
    }

    /** As the user called it. */
    String label() {
        return label;
    }

    String digest() {
        return digest;
    }

    /** The names, normalized, in the order of the file. Closed by whoever asked. */
    NameIterator names() {
        try {
            return new NameIterator(new Lines(file));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + label + " again", e);
        }
    }

    /** Lazy names of a file. */
    static final class NameIterator implements Iterator<String>, AutoCloseable {
        private final Lines lines;
        private @Nullable String next;

        NameIterator(Lines lines) throws IOException {
            this.lines = lines;
            this.next = read();
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public String next() {
            String name = next;
            if (name == null) {
                throw new NoSuchElementException();
            }
            try {
                next = read();
                return name;
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read on", e);
            }
        }

        private @Nullable String read() throws IOException {
            Optional<String> line = lines.next();
            return line.isPresent() ? lines.name(line.get()) : null;
        }

        @Override
        public void close() {
            lines.close();
        }
    }

    /** Lines that count, with their numbers; bounded in length, strict in encoding. */
    private static final class Lines implements AutoCloseable {
        private final InputStream in;
        private long number;

        Lines(Path file) throws IOException {
            this.in = new BufferedInputStream(Files.newInputStream(file));
        }

        /** The next line that is neither blank nor a comment; a line that cannot be decoded comes as it is complained about by {@link #name}. */
        Optional<String> next() throws IOException {
            for (byte[] line = readLine(); line != null; line = readLine()) {
                String text = decode(line);
                if (!text.isEmpty() && !text.startsWith("#")) {
                    return Optional.of(text);
                }
            }
            return Optional.empty();
        }

        String name(String line) {
            if (line.equals(TOO_LONG)) {
                throw new IllegalArgumentException("It has more than " + MAX_LINE_BYTES + " bytes.");
            }
            if (line.equals(NOT_UTF8)) {
                throw new IllegalArgumentException("It is not UTF-8.");
            }
            return PackageName.normalize(line);
        }

        // No package name holds a line feed, so these stand for nothing else.
        private static final String TOO_LONG = "\n too long";
        private static final String NOT_UTF8 = "\n not UTF-8";

        private static String decode(byte[] line) {
            if (line.length > MAX_LINE_BYTES) {
                return TOO_LONG;
            }
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(line))
                        .toString()
                        .strip();
            } catch (CharacterCodingException e) {
                return NOT_UTF8;
            }
        }

        /** The bytes up to the next line feed, of which no more than one too many are kept; null at the end. */
        private byte @Nullable [] readLine() throws IOException {
            int b = in.read();
            if (b < 0) {
                return null;
            }
            number++;
            ByteArrayOutputStream line = new ByteArrayOutputStream(64);
            while (b >= 0 && b != '\n') {
                if (line.size() <= MAX_LINE_BYTES) {
                    line.write(b);
                }
                b = in.read();
            }
            return line.toByteArray();
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot close the file of names", e);
            }
        }
    }
}
