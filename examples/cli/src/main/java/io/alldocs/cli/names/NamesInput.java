package io.alldocs.cli.names;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cli.UsageException;
import io.alldocs.http.TextLines;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The input of {@code --names}: names or specs, one per line; a JSON array of them; a {@code package.json}; a {@code
 * package-lock.json}. For all of these forms, {@link #file()} is a list of plain names, one per line, each once.
 *
 * @param file the names; a temporary file unless the user's own file is already such a list
 * @param label the user's argument, for messages
 * @param notes one sentence for each kind of entry that was ignored or skipped
 */
public record NamesInput(Path file, String label, List<String> notes) {
    private static final int MAX_ERRORS = 20;
    private static final int MAX_SHOWN = 10;

    /** This limit is far above the size of the lockfile of a large monorepo, which has about ten million bytes. */
    private static final long MAX_JSON_BYTES = 256L << 20;

    /**
     * Reads and checks the whole input.
     *
     * @param argument the path of a file, or {@code -} for {@code standardInput}
     * @throws UsageException if it cannot be read, contains no name, or contains entries that are not names; lists the
     *     first 20 with their lines or elements
     */
    public static NamesInput open(String argument, InputStream standardInput) {
        boolean isStandardInput = argument.equals("-");
        String label = isStandardInput ? "standard input" : argument;
        try {
            Path file = isStandardInput ? copied(standardInput) : Path.of(argument);
            return isJson(file) ? ofJson(file, label) : ofLines(file, label);
        } catch (NoSuchFileException e) {
            throw new UsageException("Cannot find the file of names " + label + ".", e);
        } catch (IOException e) {
            throw new UsageException("Cannot read the names in " + label + ": " + e.getMessage(), e);
        }
    }

    private static Path copied(InputStream standardInput) throws IOException {
        Path copy = temporaryFile();
        Files.copy(standardInput, copy, StandardCopyOption.REPLACE_EXISTING);
        return copy;
    }

    private static Path temporaryFile() throws IOException {
        Path file = Files.createTempFile("all-docs-names", ".txt");
        file.toFile().deleteOnExit();
        return file;
    }

    /**
     * Returns whether the file is JSON, which begins with a bracket or a brace. A list of names never begins with these
     * characters.
     */
    private static boolean isJson(Path file) throws IOException {
        try (TextLines lines = TextLines.open(file)) {
            Optional<String> first = lines.nextItem();
            return first.isPresent()
                    && (first.get().startsWith("[") || first.get().startsWith("{"));
        } catch (TextLines.LineException e) {
            return Files.size(file) > 0 && isMinifiedJson(file);
        }
    }

    /**
     * Returns whether the file is JSON in one line; some lockfiles are. Called if the first line is too long for a
     * list.
     */
    private static boolean isMinifiedJson(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String start = new String(in.readNBytes(64), StandardCharsets.ISO_8859_1).replaceAll("[^\\[{\"\\w]", "");
            return start.startsWith("[") || start.startsWith("{");
        }
    }

    private static NamesInput ofJson(Path file, String label) throws IOException {
        if (Files.size(file) > MAX_JSON_BYTES) {
            throw new UsageException(
                    label + " has more than " + MAX_JSON_BYTES + " bytes of JSON; write the names one per line.");
        }
        NamesDocument document;
        try {
            JsonNode root = new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(TextLines.readAll(file));
            document = new NamesDocument(root);
        } catch (JsonProcessingException e) {
            throw new UsageException(
                    label + " starts like JSON but is not valid JSON: line "
                            + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ": " + e.getOriginalMessage(),
                    e);
        } catch (IllegalArgumentException e) {
            throw new UsageException("Cannot find package names in " + label + ": " + e.getMessage() + ".", e);
        }
        requireNames(label, document.errors(), document.names().size());
        Path names = temporaryFile();
        Files.write(names, document.names());
        return new NamesInput(names, label, notes(document.hasVersions(), document.skipped()));
    }

    private static NamesInput ofLines(Path file, String label) throws IOException {
        List<String> errors = new ArrayList<>();
        NameSet seen = new NameSet();
        long count = 0;
        boolean hasVersions = false;
        Path names = temporaryFile();
        try (TextLines lines = TextLines.open(file);
                BufferedWriter out = Files.newBufferedWriter(names)) {
            while (true) {
                try {
                    Optional<String> line = lines.nextItem();
                    if (line.isEmpty()) {
                        break;
                    }
                    PackageSpec spec = PackageSpec.parse(line.get());
                    hasVersions |= spec.hasVersion();
                    count++;
                    if (seen.add(spec.name())) {
                        out.write(spec.name());
                        out.newLine();
                    }
                } catch (IllegalArgumentException e) {
                    errors.add("line " + lines.number() + ": " + e.getMessage());
                } catch (TextLines.LineException e) {
                    errors.add(String.valueOf(e.getMessage()));
                }
                if (errors.size() > MAX_ERRORS) {
                    break;
                }
            }
        }
        requireNames(label, errors, count);
        return new NamesInput(names, label, notes(hasVersions, List.of()));
    }

    private static void requireNames(String label, List<String> errors, long count) {
        if (!errors.isEmpty()) {
            String more = errors.size() > MAX_ERRORS ? " And more." : "";
            throw new UsageException("Not every entry of " + label + " is a package name; no request was sent. "
                    + String.join(" ", errors.subList(0, Math.min(MAX_ERRORS, errors.size()))) + more);
        }
        if (count == 0) {
            throw new UsageException("There is no package name in " + label
                    + "; write one per line, or pass a JSON array, a package.json or a package-lock.json.");
        }
    }

    private static List<String> notes(boolean hasVersions, List<String> skipped) {
        List<String> notes = new ArrayList<>();
        if (hasVersions) {
            notes.add("Versions, ranges and tags of package specs are ignored: a packument contains all versions.");
        }
        if (!skipped.isEmpty()) {
            String more = skipped.size() > MAX_SHOWN ? " and " + (skipped.size() - MAX_SHOWN) + " more" : "";
            notes.add("Skipped, because not from a registry: "
                    + String.join(", ", skipped.subList(0, Math.min(MAX_SHOWN, skipped.size()))) + more + ".");
        }
        return notes;
    }

    /**
     * Returns a short description. Readers of {@link #file()} throw {@link UncheckedIOException} if the file is
     * deleted.
     */
    @Override
    public String toString() {
        return label;
    }
}
