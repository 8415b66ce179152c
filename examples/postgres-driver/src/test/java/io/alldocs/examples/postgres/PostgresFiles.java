package io.alldocs.examples.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** PostgreSQL's programs, unpacked from the archive on the class path into a temporary folder. */
final class PostgresFiles {
    /** The user id of "nobody" on every Unix. */
    private static final int NOBODY = 65534;

    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

    private final Path folder;
    private final boolean root;

    private PostgresFiles(Path folder, boolean root) {
        this.folder = folder;
        this.root = root;
    }

    static PostgresFiles unpack() throws IOException {
        // The folder is not below target. If root runs the tests, the server runs as nobody, who may not have access to
        // target.
        Path folder = Files.createTempDirectory("all-docs-postgres-");
        boolean root = !WINDOWS && Files.getAttribute(folder, "unix:uid").equals(0);
        PostgresFiles files = new PostgresFiles(folder, root);
        files.extract();
        if (root) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return files;
    }

    /** Creates a folder that the programs may write to. */
    Path createFolder(String name) throws IOException {
        Path created = Files.createDirectory(folder.resolve(name));
        if (root) {
            Files.setAttribute(created, "unix:uid", NOBODY);
            Files.setPosixFilePermissions(created, PosixFilePermissions.fromString("rwx------"));
        }
        return created;
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** Returns a command. PostgreSQL refuses to run as root, so root runs its programs as nobody. */
    ProcessBuilder command(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (root) {
            command.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--"));
        }
        command.add(folder.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        return builder;
    }

    private void extract() throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(archive())))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException("outside of the archive's folder: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else if (entry.isSymbolicLink()) {
                    Files.createDirectories(target.getParent());
                    Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(tar, target);
                    if (!WINDOWS) {
                        Files.setPosixFilePermissions(
                                target,
                                PosixFilePermissions.fromString(
                                        (entry.getMode() & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--"));
                    }
                }
            }
        }
    }

    /** Opens the archive of this platform, which the pom puts on the class path. */
    private static InputStream archive() throws IOException {
        for (String platform :
                List.of("linux-x86_64", "linux-arm_64", "darwin-x86_64", "darwin-arm_64", "windows-x86_64")) {
            InputStream archive = PostgresFiles.class.getResourceAsStream("/postgres-" + platform + ".txz");
            if (archive != null) {
                return archive;
            }
        }
        throw new IOException("no PostgreSQL for this platform on the class path");
    }

    void delete() {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + folder, e);
        }
    }
}
