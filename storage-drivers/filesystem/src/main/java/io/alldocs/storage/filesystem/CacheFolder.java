package io.alldocs.storage.filesystem;

import io.alldocs.spi.SriHash;
import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The layout of a cache folder, atomic writes to it, and the check that it is still there.
 *
 * <p>A folder is created when a driver opens it, and never again. It may disappear later, for example because its disk
 * was unmounted. Everything that would create a directory or report an absent file then fails with a
 * {@link MissingFolderException}. Otherwise values would be written to the disk below the mount point, and everything
 * that is stored would be reported as absent.
 */
final class CacheFolder {

    /**
     * First line, as the <a href="https://bford.info/cachedir/">Cache Directory Tagging Specification</a> defines it.
     */
    private static final String TAG = """
            Signature: 8a477f597d28d172789f06886806bc55
            # This folder is a cache of all-docs, in the format of npm's cacache.
            """;

    private static final int TEMPORARY_ATTEMPTS = 3;

    private static final Logger LOG = System.getLogger(CacheFolder.class.getName());

    private final Path root;
    private final String contentRoot;
    private final String indexRoot;
    private final String process = Long.toHexString(new SecureRandom().nextLong());
    private final AtomicLong temporaryFiles = new AtomicLong();

    /** A file that exists as long as the folder does, and that the mount point of an unmounted disk does not have. */
    private final File witness;

    private CacheFolder(Path root, Path witness) {
        this.root = root;
        this.witness = witness.toFile();
        this.contentRoot = root.resolve("content-v" + Format.CONTENT_VERSION).toString();
        this.indexRoot = root.resolve("index-v" + Format.INDEX_VERSION).toString();
    }

    /** Opens a folder for writing and creates missing files and directories. */
    static CacheFolder create(Path path) throws IOException {
        Path root = path.toAbsolutePath().normalize();
        createRoot(root);
        // The folder itself is the witness until the marker is written.
        CacheFolder folder = new CacheFolder(root, root);
        Format.check(folder);
        folder.writeWhenAbsent("CACHEDIR.TAG", TAG);
        folder.writeWhenAbsent(Format.MARKER, Format.VERSION + "\n");
        return new CacheFolder(root, Format.marker(root));
    }

    /** Like {@link Files#createDirectories}, but tolerates two processes that create the same directory at once. */
    private static void createRoot(Path root) throws IOException {
        try {
            Files.createDirectories(root);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(root)) {
                throw e;
            }
        }
    }

    /** Opens an existing folder without changing anything. */
    static CacheFolder open(Path path) throws IOException {
        Path root = path.toAbsolutePath().normalize();
        CacheFolder folder = new CacheFolder(root, root);
        Format.check(folder);
        for (Path witness : List.of(Format.marker(root), folder.index())) {
            if (Files.exists(witness)) {
                return new CacheFolder(root, witness);
            }
        }
        return folder; // an empty cache of another program
    }

    /**
     * Writes a file if it is absent. The text is written under a temporary name first. A process that opens the folder
     * at the same time never sees half a file.
     */
    private void writeWhenAbsent(String name, String text) throws IOException {
        if (!Files.exists(root.resolve(name))) {
            write(root.resolve(name), text.getBytes(StandardCharsets.UTF_8), false);
        }
    }

    Path root() {
        return root;
    }

    Path lockFile() {
        return root.resolve("_all-docs-lock");
    }

    Path stamp() {
        return root.resolve("_lastverified");
    }

    Path temporary() {
        return root.resolve("tmp");
    }

    Path index() {
        return Path.of(indexRoot);
    }

    Path content() {
        return Path.of(contentRoot);
    }

    /** @param keyHash SHA-256 of the key in hex */
    Path bucket(String keyHash) {
        return Path.of(indexRoot, keyHash.substring(0, 2), keyHash.substring(2, 4), keyHash.substring(4));
    }

    Path content(SriHash integrity) {
        String hex = integrity.hex();
        return Path.of(
                contentRoot, integrity.algorithm().label(), hex.substring(0, 2), hex.substring(2, 4), hex.substring(4));
    }

    /**
     * Fails if the folder disappeared after it was opened. Called when a file is absent, so that a hit costs nothing.
     *
     * @throws MissingFolderException if it disappeared
     */
    void requirePresent() throws MissingFolderException {
        if (!witness.exists()) {
            throw new MissingFolderException(witness.toPath());
        }
    }

    /**
     * Creates a directory below the folder, and its parents, but not the folder itself.
     *
     * @throws MissingFolderException if the folder disappeared
     */
    void createDirectories(Path directory) throws IOException {
        requirePresent();
        Path each = root;
        for (Path name : root.relativize(directory)) {
            each = each.resolve(name);
            try {
                Files.createDirectory(each);
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(each)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Lists the entries of a directory; empty if the path is not a directory.
     *
     * @throws MissingFolderException if the folder disappeared
     */
    List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            requirePresent();
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return children;
    }

    /**
     * Reads a whole file below the folder; empty if it does not exist.
     *
     * @throws MissingFolderException if the folder disappeared
     */
    Optional<byte[]> read(Path file) throws IOException {
        Optional<byte[]> bytes = DiskFile.read(file);
        if (bytes.isEmpty()) {
            requirePresent();
        }
        return bytes;
    }

    /** Thrown when the folder disappeared after it was opened. The operation may succeed when the folder is back. */
    static final class MissingFolderException extends IOException {
        private static final long serialVersionUID = 1L;

        MissingFolderException(Path witness) {
            super("the folder disappeared after it was opened, because " + witness + " does not exist. If its disk was"
                    + " unmounted, mount it again. If the folder was deleted, restart the process; it then starts with"
                    + " an empty cache");
        }
    }

    /** Writes a file atomically. */
    void write(Path target, byte[] bytes, boolean sync) throws IOException {
        write(target, channel -> DiskFile.writeAll(channel, ByteBuffer.wrap(bytes)), sync);
    }

    /**
     * Writes a file atomically: to {@code tmp} first, then renamed, replacing any older file. Directories are created
     * only after a write fails because one is missing, which costs nothing in a populated folder. The {@code verify} of
     * npm may delete {@code tmp} at any time. The write is then retried from the start.
     */
    void write(Path target, Writer writer, boolean sync) throws IOException {
        DiskFile.onFile(target, () -> writeAndMove(target, writer, sync));
    }

    private Path writeAndMove(Path target, Writer writer, boolean sync) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Path temporary = temporary().resolve("java-" + process + "-" + temporaryFiles.incrementAndGet());
            boolean moved = false;
            try {
                Uninterrupted.run(() -> {
                    try (FileChannel channel = FileChannel.open(
                            temporary,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                        writer.writeTo(channel);
                        if (sync) {
                            channel.force(true);
                        }
                        return true;
                    }
                });
                move(temporary, target);
                moved = true;
                if (sync) {
                    DiskFile.syncDirectory(DiskFile.parent(target));
                }
                return target;
            } catch (FileSystemException e) {
                if (attempt == TEMPORARY_ATTEMPTS) {
                    throw e;
                }
                createDirectories(temporary());
            } finally {
                if (!moved) {
                    discard(temporary);
                }
            }
        }
    }

    private static void discard(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Cannot delete the temporary file " + temporary + ". The next verify removes it.", e);
        }
    }

    private void move(Path temporary, Path target) throws IOException {
        try {
            DiskFile.replace(temporary, target);
        } catch (FileSystemException e) {
            createDirectories(DiskFile.parent(target));
            DiskFile.replace(temporary, target);
        }
    }

    /** Writes the contents of a file; may be called again from the start. */
    interface Writer {
        void writeTo(FileChannel channel) throws IOException;
    }
}
