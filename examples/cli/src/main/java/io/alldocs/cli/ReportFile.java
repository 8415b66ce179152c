package io.alldocs.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes a report or an export to a file atomically. Readers see either the old content or the new content, never a
 * mix.
 */
public final class ReportFile {
    private ReportFile() {}

    /**
     * Checks that a report can be written to {@code file}.
     *
     * @param option the option that names the file, for the message
     * @param file the file; nothing is checked if null
     * @throws UsageException if the folder of {@code file} does not exist
     */
    public static void check(String option, @Nullable Path file) {
        Path folder = file == null ? null : file.toAbsolutePath().getParent();
        UsageException.refuse(
                folder != null && !Files.isDirectory(folder),
                option + " names a folder that does not exist: " + folder);
    }

    /**
     * Replaces {@code file} by a file with {@code text}.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    public static void write(Path file, String text) {
        try {
            replace(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the report to " + file, e);
        }
    }

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {
        /** Writes the content to {@code out}, and need not close it. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes {@code content} to a temporary file in the same folder, then moves it over {@code file}. The umask of the
     * process sets the permissions of the file. A file from {@code Files.createTempFile} would be readable by its owner
     * only.
     */
    public static void replace(Path file, Content content) throws IOException {
        Path part = file.resolveSibling(".all-docs-" + UUID.randomUUID() + ".part");
        try {
            try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE_NEW)) {
                content.writeTo(out);
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
