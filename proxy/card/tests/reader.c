/* A card reader with keys of its own, over SoftHSM: the token says so (CKF_PROTECTED_AUTHENTICATION_PATH), and
   whoever logs in without a PIN gets what a person "pressed": the file `pressed` in CARD_TEST_FOLDER. Without the file
   the person broke it off. A PIN that comes from the program is refused, as such readers do. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long ulong_t;
/* CK_FUNCTION_LIST of PKCS #11 2.40: the version, and 68 functions. */
struct list { unsigned char version[2]; void *function[68]; };
enum { GET_TOKEN_INFO = 6, LOGIN = 18 };
enum { FUNCTION_CANCELED = 0x50, PIN_INVALID = 0xA1, GENERAL_ERROR = 0x05 };
/* Behind label, maker, model and serial number in CK_TOKEN_INFO. */
#define FLAGS 96
#define PROTECTED_AUTHENTICATION_PATH 0x100UL

static struct list own, *real;

static ulong_t token_info(ulong_t slot, unsigned char *info) {
    ulong_t (*ask)(ulong_t, unsigned char *) = real->function[GET_TOKEN_INFO];
    ulong_t said = ask(slot, info), flags;
    if (said) return said;
    memcpy(&flags, info + FLAGS, sizeof flags);
    flags |= PROTECTED_AUTHENTICATION_PATH;
    memcpy(info + FLAGS, &flags, sizeof flags);
    return said;
}

static ulong_t login(ulong_t session, ulong_t user, unsigned char *pin, ulong_t length) {
    ulong_t (*ask)(ulong_t, ulong_t, unsigned char *, ulong_t) = real->function[LOGIN];
    char name[4096], pressed[64];
    FILE *file;
    (void)length;
    if (pin) return PIN_INVALID;
    snprintf(name, sizeof name, "%s/pressed", getenv("CARD_TEST_FOLDER"));
    if (!(file = fopen(name, "r"))) return FUNCTION_CANCELED;
    length = fread(pressed, 1, sizeof pressed, file);
    fclose(file);
    return ask(session, user, (unsigned char *)pressed, length);
}

ulong_t C_GetFunctionList(struct list **into) {
    void *module = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW);
    ulong_t (*ask)(struct list **) = module ? dlsym(module, "C_GetFunctionList") : 0;
    if (!ask || ask(&real)) return GENERAL_ERROR;
    own = *real;
    own.function[GET_TOKEN_INFO] = token_info;
    own.function[LOGIN] = login;
    *into = &own;
    return 0;
}
