package io.alldocs.storage.filesystem;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The layout of a cache folder, and the check that this library supports its version. */
final class CacheFolder {

    /** Version of this driver's additions to the cacache format, stored in the file {@code _all-docs-format}. */
    static final int FORMAT = 1;

    private static final int CONTENT_VERSION = 2;
    private static final int INDEX_VERSION = 5;
    private static final Pattern VERSIONED = Pattern.compile("(content|index)-v([0-9]{1,9})");

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

    private CacheFolder(Path root) {
        this.root = root;
        this.contentRoot = root.resolve("content-v" + CONTENT_VERSION).toString();
        this.indexRoot = root.resolve("index-v" + INDEX_VERSION).toString();
    }

    /** Opens a folder for writing and creates missing files and directories. */
    static CacheFolder create(Path path) throws IOException {
        CacheFolder folder = new CacheFolder(path.toAbsolutePath().normalize());
        DiskFile.createDirectories(folder.root);
        folder.checkFormat();
        folder.writeWhenAbsent("CACHEDIR.TAG", TAG);
        folder.writeWhenAbsent("_all-docs-format", FORMAT + "\n");
        return folder;
    }

    /** Opens an existing folder without changing anything. */
    static CacheFolder open(Path path) throws IOException {
        CacheFolder folder = new CacheFolder(path.toAbsolutePath().normalize());
        folder.checkFormat();
        return folder;
    }

    private void checkFormat() throws IOException {
        if (!Files.isDirectory(root)) {
            if (Files.exists(root)) {
                throw new NotDirectoryException(root.toString());
            }
            throw new NoSuchFileException(root.toString());
        }
        Optional<byte[]> marker = DiskFile.read(root.resolve("_all-docs-format"));
        if (marker.isPresent()) {
            checkMarker(new String(marker.get(), StandardCharsets.UTF_8).trim());
        }
        checkVersions();
    }

    private void checkMarker(String format) throws IOException {
        if (!format.matches("[0-9]{1,9}")) {
            throw unusable("its file _all-docs-format does not contain a number");
        }
        if (Integer.parseInt(format) > FORMAT) {
            throw newer("format " + format + ", but this version reads up to format " + FORMAT);
        }
    }

    /**
     * Checks the format versions. npm keeps folders of older versions next to a newer one, and they stay valid. The
     * check therefore fails only if the folder of the supported version is missing.
     */
    private void checkVersions() throws IOException {
        for (Path child : DiskFile.children(root)) {
            Matcher name = VERSIONED.matcher(child.getFileName().toString());
            if (name.matches()) {
                int known = name.group(1).equals("content") ? CONTENT_VERSION : INDEX_VERSION;
                boolean ours = Files.exists(root.resolve(name.group(1) + "-v" + known));
                if (Integer.parseInt(name.group(2)) > known && !ours) {
                    throw newer(child.getFileName() + ", but this version reads " + name.group(1) + "-v" + known);
                }
            }
        }
    }

    private FileSystemException newer(String found) {
        return unusable("a newer version of all-docs wrote it: it has " + found + ". Update all-docs, or use another"
                + " folder");
    }

    private FileSystemException unusable(String reason) {
        return new FileSystemException(root.toString(), null, reason);
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

    Path content(Integrity integrity) {
        String hex = integrity.hex();
        return Path.of(
                contentRoot, integrity.algorithm().label(), hex.substring(0, 2), hex.substring(2, 4), hex.substring(4));
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
                DiskFile.createDirectories(temporary());
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

    private static void move(Path temporary, Path target) throws IOException {
        try {
            DiskFile.replace(temporary, target);
        } catch (FileSystemException e) {
            DiskFile.createDirectories(DiskFile.parent(target));
            DiskFile.replace(temporary, target);
        }
    }

    /** Writes the contents of a file; may be called again from the start. */
    interface Writer {
        void writeTo(FileChannel channel) throws IOException;
    }
}
