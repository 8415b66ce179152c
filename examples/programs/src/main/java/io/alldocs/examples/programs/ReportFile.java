package io.alldocs.examples.programs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** Writes a report into a file as a whole: readers see the old one or the new one. */
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
            Path part = Files.createTempFile(file.toAbsolutePath().getParent(), ".report", ".part");
            Files.writeString(part, text);
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the report to " + file, e);
        }
    }
}
