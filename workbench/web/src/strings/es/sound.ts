export const sound = {
  "sound.asleep": "Tu navegador permite sonido solo después de un clic o una tecla en esta página. Pulsa Tocar otra vez.",
  "sound.insecure":
    "Esta dirección no es segura, así que tu navegador no permite instrumentos en vivo: Tocar funciona, las notas sueltas no suenan. Abre la página por https, o en el ordenador donde se ejecuta.",
  "sound.notMade": "El servidor no pudo crear el sonido. Prueba otra vez en un momento.",
  "sound.recordingGone": "La grabación de {name} no se puede oír aquí; suenan sus notas.",
} as const;
