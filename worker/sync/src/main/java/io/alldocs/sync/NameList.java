package io.alldocs.sync;

import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.http.TextLines;
import io.alldocs.packument.PackageName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
 * A file with one package name per line, read as {@link TextLines} describes; blank lines and lines that begin with
 * {@code #} do not count. Every line is checked before the first request. The file is read again for each pass, so a
 * list of any length needs little memory; it must not change during a run. Immutable.
 */
public final class NameList {
    private static final int MAX_COMPLAINTS = 20;

    private final Path file;
    private final String label;
    private final String digest;
    private final long count;
    private final boolean inOrder;

    private NameList(Path file, String label, String digest, long count, boolean inOrder) {
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
     * @throws NameListException when the file cannot be read, contains no name, or has lines that are not names. The
     *     message lists the first 20 such lines with their numbers
     */
    public static NameList open(String argument, InputStream standardInput) {
        try {
            return argument.equals("-")
                    ? open(copied(standardInput), "standard input")
                    : open(Path.of(argument), argument);
        } catch (IOException e) {
            throw new NameListException("Cannot read the names in " + argument + ": " + e.getMessage(), e);
        }
    }

    /**
     * Checks every line of {@code file}.
     *
     * @param label what messages and reports call the list
     * @throws NameListException as {@link #open(String, InputStream)}
     */
    public static NameList open(Path file, String label) {
        try {
            return check(file, label);
        } catch (NoSuchFileException e) {
            throw new NameListException("Cannot find the file of names " + label + ".", e);
        } catch (IOException e) {
            throw new NameListException("Cannot read the names in " + label + ": " + e.getMessage(), e);
        }
    }

    private static Path copied(InputStream standardInput) throws IOException {
        Path copy = Files.createTempFile("all-docs-names", ".txt");
        copy.toFile().deleteOnExit();
        Files.copy(standardInput, copy, StandardCopyOption.REPLACE_EXISTING);
        return copy;
    }

    private static NameList check(Path file, String label) throws IOException {
        Digest digest = new Digest();
        List<String> complaints = new ArrayList<>();
        long count = 0;
        boolean inOrder = true;
        String last = "";
        try (TextLines lines = TextLines.open(file)) {
            while (true) {
                try {
                    Optional<String> line = lines.nextItem();
                    if (line.isEmpty()) {
                        break;
                    }
                    String name = PackageName.listed(line.get());
                    digest.add(name);
                    count++;
                    inOrder &= KeyOrder.UTF8.compare(last, name) <= 0;
                    last = name;
                } catch (IllegalArgumentException e) {
                    complain(complaints, "line " + lines.number() + ": " + e.getMessage());
                } catch (TextLines.LineException e) {
                    complain(complaints, String.valueOf(e.getMessage()));
                }
            }
        }
        requireGood(label, complaints, count);
        return new NameList(file, label, digest.hex(), count, inOrder);
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
            throw new NameListException(
                    "Not every line of " + label + " is a package name; no request was sent. "
                            + String.join(" ", complaints),
                    null);
        }
        if (count == 0) {
            throw new NameListException("There is no package name in " + label + ". Write one name per line.", null);
        }
    }

    /** Returns the number of names in the file; a name that occurs twice counts twice. */
    public long count() {
        return count;
    }

    /** Returns whether the names are in the order of {@link KeyOrder#UTF8}. */
    boolean inOrder() {
        return inOrder;
    }

    /** Returns what messages and reports call the list. */
    public String label() {
        return label;
    }

    String digest() {
        return digest;
    }

    /**
     * Returns the normalized names in the order of the file. The caller must close the iterator.
     *
     * @throws NameListException if the file cannot be read, or was changed after it was checked; the iterator throws it
     *     too
     */
    NameIterator names() {
        TextLines lines;
        try {
            lines = TextLines.open(file);
        } catch (IOException e) {
            throw unreadable(e);
        }
        NameIterator names = new NameIterator(lines);
        try {
            names.next = names.read();
            return names;
        } catch (RuntimeException e) {
            names.close();
            throw e;
        }
    }

    private NameListException unreadable(IOException cause) {
        return new NameListException(
                "Cannot read the names in " + label + " again: " + cause.getMessage()
                        + ". Keep the file until the run ends.",
                cause);
    }

    private NameListException changed() {
        return new NameListException(
                "The names in " + label + " changed after they were checked. Start the job again: the new list is a"
                        + " new job, and stored packuments are not downloaded again.",
                null);
    }

    /**
     * Reads the names of the file lazily. Before it returns the last name, it compares the names with those that were
     * checked.
     */
    final class NameIterator implements Iterator<String>, AutoCloseable {
        private final TextLines lines;
        private final Digest read = new Digest();
        private @Nullable String next;

        NameIterator(TextLines lines) {
            this.lines = lines;
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
            next = read();
            return name;
        }

        private @Nullable String read() {
            try {
                Optional<String> line = lines.nextItem();
                if (line.isPresent()) {
                    String name = PackageName.normalize(line.get());
                    read.add(name);
                    return name;
                }
            } catch (IllegalArgumentException | TextLines.LineException e) {
                throw changed();
            } catch (IOException e) {
                throw unreadable(e);
            }
            if (!read.hex().equals(digest)) {
                throw changed();
            }
            return null;
        }

        @Override
        public void close() {
            try {
                lines.close();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot close the file of names.", e);
            }
        }
    }
}
