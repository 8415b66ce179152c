package io.alldocs.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads certificates and private keys in PEM (RFC 7468) from one setting of the npm configuration. Text between the
 * blocks is skipped.
 */
final class Pem {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

    private final Setting setting;
    private final String where;
    private final List<Block> blocks = new ArrayList<>();

    /** @param body the text between the BEGIN and END lines */
    private record Block(String label, String body) {}

    private Pem(Setting setting, String where, String text) {
        this.setting = setting;
        this.where = where;
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
    }

    /** Reads the text of a setting itself; npm writes line ends as {@code \n}. */
    static Pem text(Setting setting) {
        return new Pem(setting, "", String.join("\n", setting.values()).replace("\\n", "\n"));
    }

    /**
     * Reads the file that a setting names.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    static Pem file(Setting setting, Path file) {
        try {
            return new Pem(setting, " " + file, Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            IllegalArgumentException invalid = setting.invalid(
                    "names " + file + ", which cannot be read (" + e.getClass().getSimpleName() + ")");
            invalid.initCause(e);
            throw invalid;
        }
    }

    /**
     * Returns all certificates, at least one.
     *
     * @throws IllegalArgumentException if there is none, or one cannot be read
     */
    List<X509Certificate> certificates() {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks) {
            if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
                certificates.add(certificate(block, certificates.size() + 1));
            }
        }
        if (certificates.isEmpty()) {
            throw invalid("contains no certificate (-----BEGIN CERTIFICATE-----)");
        }
        return certificates;
    }

    private X509Certificate certificate(Block block, int number) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(decoded(block)));
        } catch (CertificateException | IllegalArgumentException e) {
            throw invalid("contains a certificate that cannot be read (number " + number + ")");
        }
    }

    /**
     * Returns the private key of {@code owner}.
     *
     * @throws IllegalArgumentException if there is none, it is encrypted, or its type differs from that of its
     *     certificate
     */
    PrivateKey privateKey(PublicKey owner) {
        for (Block block : blocks) {
            if (block.label().equals("ENCRYPTED PRIVATE KEY") || block.body().contains("ENCRYPTED")) {
                throw invalid("contains an encrypted key. Decrypt it, for instance with: openssl pkey -in FILE");
            }
            if (block.label().equals("PRIVATE KEY")) {
                return privateKey(decodedKey(block), owner);
            }
            if (block.label().equals("RSA PRIVATE KEY") || block.label().equals("EC PRIVATE KEY")) {
                return privateKey(pkcs8(decodedKey(block), owner), owner);
            }
        }
        throw invalid("contains no private key (-----BEGIN PRIVATE KEY-----)");
    }

    private PrivateKey privateKey(byte[] pkcs8, PublicKey owner) {
        try {
            return KeyFactory.getInstance(owner.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            // The cause is omitted because its message may repeat a part of the key.
            throw invalid("contains a key that cannot be read, or whose type is not " + owner.getAlgorithm() + ", as"
                    + " its certificate requires");
        }
    }

    /**
     * Converts a key from PKCS#1 (RSA) or SEC1 (elliptic curves) to PKCS#8 (RFC 5208 §5): version, algorithm, key. The
     * algorithm, with the curve, is copied from the start of the certificate's public key (RFC 5280 §4.1.2.7).
     */
    private static byte[] pkcs8(byte[] key, PublicKey owner) {
        byte[] subject = owner.getEncoded();
        int algorithm = headerLength(subject, 0);
        int end = algorithm + headerLength(subject, algorithm) + contentLength(subject, algorithm);
        return der(SEQUENCE, VERSION_0, Arrays.copyOfRange(subject, algorithm, end), der(OCTET_STRING, key));
    }

    /**
     * Returns how many bytes the tag and the length field of the DER value at {@code at} occupy. The field has the
     * short form, or the long form, which begins with the number of length bytes (X.690 §8.1.3).
     */
    private static int headerLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return first < 0x80 ? 2 : 2 + (first & 0x7f);
    }

    private static int contentLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xff);
        }
        return length;
    }

    private static byte[] der(int tag, byte[]... contents) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : contents) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream der = new ByteArrayOutputStream();
        der.write(tag);
        int length = content.size();
        if (length < 0x80) {
            der.write(length);
        } else {
            int bytes = (39 - Integer.numberOfLeadingZeros(length)) / 8;
            der.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                der.write(length >> (8 * i));
            }
        }
        der.writeBytes(content.toByteArray());
        return der.toByteArray();
    }

    private byte[] decodedKey(Block block) {
        try {
            return decoded(block);
        } catch (IllegalArgumentException e) {
            // The cause is omitted because its message repeats a character of the key.
            throw invalid("contains a key that is not base64");
        }
    }

    private static byte[] decoded(Block block) {
        return Base64.getMimeDecoder().decode(block.body());
    }

    private IllegalArgumentException invalid(String problem) {
        return setting.invalid(where.isEmpty() ? problem : "names" + where + ", which " + problem);
    }
}
