package io.alldocs.storage.filesystem;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The versions of the format, and the check that this library supports those of a folder. */
final class Format {

    /** Version of this driver's additions to the cacache format, stored in the file {@link #MARKER}. */
    static final int VERSION = 1;

    static final String MARKER = "_all-docs-format";
    static final int CONTENT_VERSION = 2;
    static final int INDEX_VERSION = 5;

    private static final Pattern VERSIONED = Pattern.compile("(content|index)-v([0-9]{1,9})");

    private Format() {}

    /** Returns the file that contains the version. */
    static Path marker(Path root) {
        return root.resolve(MARKER);
    }

    /** Checks an existing folder without changing anything. */
    static void check(CacheFolder folder) throws IOException {
        Path root = folder.root();
        if (!Files.isDirectory(root)) {
            if (Files.exists(root)) {
                throw new NotDirectoryException(root.toString());
            }
            throw new NoSuchFileException(root.toString());
        }
        Optional<byte[]> marker = DiskFile.read(marker(root));
        if (marker.isPresent()) {
            checkMarker(root, new String(marker.get(), StandardCharsets.UTF_8).trim());
        }
        checkVersions(folder);
    }

    private static void checkMarker(Path root, String format) throws IOException {
        if (!format.matches("[0-9]{1,9}")) {
            throw unusable(root, "its file _all-docs-format does not contain a number");
        }
        if (Integer.parseInt(format) > VERSION) {
            throw newer(root, "format " + format + ", but this version reads up to format " + VERSION);
        }
    }

    /**
     * Checks the format versions. npm keeps folders of older versions next to a newer one, and they stay valid. The
     * check therefore fails only if the folder of the supported version is missing.
     */
    private static void checkVersions(CacheFolder folder) throws IOException {
        Path root = folder.root();
        for (Path child : folder.children(root)) {
            Matcher name = VERSIONED.matcher(child.getFileName().toString());
            if (name.matches()) {
                int known = name.group(1).equals("content") ? CONTENT_VERSION : INDEX_VERSION;
                boolean ours = Files.exists(root.resolve(name.group(1) + "-v" + known));
                if (Integer.parseInt(name.group(2)) > known && !ours) {
                    throw newer(root, child.getFileName() + ", but this version reads " + name.group(1) + "-v" + known);
                }
            }
        }
    }

    private static FileSystemException newer(Path root, String found) {
        return unusable(
                root,
                "a newer version of all-docs wrote it: it has " + found + ". Update all-docs, or use another"
                        + " folder");
    }

    private static FileSystemException unusable(Path root, String reason) {
        return new FileSystemException(root.toString(), null, reason);
    }
}
