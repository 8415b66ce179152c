package io.alldocs.examples.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * The files that a release uploads, in repository layout.
 *
 * @param folder root of the repository
 * @param version version of all artifacts
 */
record Bundle(Path folder, String version) {
    private static final List<String> DERIVED = List.of(".asc", ".md5", ".sha1", ".sha256", ".sha512");

    List<String> artifacts() throws IOException {
        try (Stream<Path> artifacts = Files.list(folder.resolve("io/alldocs"))) {
            return artifacts.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    /** Returns all files, as relative paths. */
    List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    /** Returns the files that have signatures and checksums, without the signatures and checksums themselves. */
    List<String> originals() throws IOException {
        return files().stream()
                .filter(file -> DERIVED.stream().noneMatch(file::endsWith))
                .toList();
    }

    Path file(String artifact, String suffix) {
        return folder.resolve("io/alldocs/" + artifact + "/" + version + "/" + artifact + "-" + version + suffix);
    }

    Element pom(String artifact) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(file(artifact, ".pom").toFile())
                .getDocumentElement();
    }

    /** Returns the text of the element at {@code path}, or an empty string. */
    static String text(Element element, String path) {
        Element current = element;
        for (String name : path.split("/", -1)) {
            NodeList children = current.getChildNodes();
            Element next = null;
            for (int i = 0; i < children.getLength(); i++) {
                Node child = children.item(i);
                if (child instanceof Element named && named.getTagName().equals(name)) {
                    next = named;
                    break;
                }
            }
            if (next == null) {
                return "";
            }
            current = next;
        }
        return current.getTextContent().strip();
    }

    /** Returns the SHA-256 of each file that has a signature, by path. */
    Map<String, String> digests() throws IOException {
        Map<String, String> digests = new TreeMap<>();
        for (String file : originals()) {
            digests.put(file, digest("SHA-256", folder.resolve(file)));
        }
        return digests;
    }

    static String digest(String algorithm, Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
