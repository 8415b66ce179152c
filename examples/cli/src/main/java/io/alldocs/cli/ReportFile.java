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

/** Writes a report or an export into a file as a whole: readers see the old one or the new one. */
public final class ReportFile {
    private ReportFile() {}

    /**
     * Checks that a report could be written.
     *
     * @throws UsageException when the folder of {@code file}, which {@code option} names, does not exist; null is fine
     */
    public static void check(String option, @Nullable Path file) {
        Path folder = file == null ? null : file.toAbsolutePath().getParent();
        UsageException.refuse(
                folder != null && !Files.isDirectory(folder),
                option + " names a folder that does not exist: " + folder);
    }

    /**
     * Writes {@code text}.
     *
     * @throws UncheckedIOException when it cannot be written
     */
    public static void write(Path file, String text) {
        try {
            replace(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the report to " + file, e);
        }
    }

    /** What a file is to hold. */
    @FunctionalInterface
    public interface Content {
        /** Writes it; need not close {@code out}. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes {@code content} into a file beside {@code file}, which it replaces once it is whole. Who may read it is as
     * the process's mask says; a file that {@code Files.createTempFile} makes is its owner's alone.
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
